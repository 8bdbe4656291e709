"""Peak memory must not grow with the novel: 5,000 chapters beside 500."""

from __future__ import annotations

from common import URL, library, novel, site

SIZES = (500, 5000)


def peak(chapters: int) -> float:
    """MiB at most while `chapters` are ingested."""
    options = ("--fictions", "1", "--chapters", str(chapters), "--chapter-bytes", "16000", "--fast")
    with site(*options) as served, library(served) as environment:
        novel("novels", environment=environment)
        measured = novel("ingest", URL, environment=environment)
    assert measured.output["chapters"]["new"] == chapters
    return measured.peak


def main() -> None:
    small, large = (peak(size) for size in SIZES)
    print(f"memory: {small:.0f} MiB for {SIZES[0]} chapters, {large:.0f} MiB for {SIZES[1]}")
    print(f"  ratio: {large / small:.2f} (claim: at most 1.5)")


if __name__ == "__main__":
    main()
