"""A book is written in memory that does not grow with it: 2,000 chapters beside 200, in every format."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from common import URL, Measured, library, novel, site

SIZES = (200, 2000)
FORMATS = ("epub", "html", "md", "txt")


def exports(chapters: int) -> dict[str, Measured]:
    """What each format costs for a fiction of so many chapters."""
    options = ("--fictions", "1", "--chapters", str(chapters), "--chapter-bytes", "16000", "--fast")
    with (
        site(*options) as served,
        library(served) as environment,
        TemporaryDirectory(prefix="novel-bench-") as folder,
    ):
        novel("ingest", URL, environment=environment)
        measured = {}
        for kind in FORMATS:
            target = str(Path(folder) / f"book.{kind}")
            measured[kind] = novel("export", URL, "-o", target, environment=environment)
            assert measured[kind].output["chapters"] == chapters
    return measured


def main() -> None:
    small, large = (exports(size) for size in SIZES)
    print(f"export: a fiction of {SIZES[0]} chapters beside one of {SIZES[1]}, 16 KB a page")
    for kind in FORMATS:
        few, many = small[kind], large[kind]
        print(
            f"  {kind:<4}: {few.peak:4.0f} and {many.peak:4.0f} MiB, {few.seconds:5.2f} and {many.seconds:5.2f} s"
            f" ({many.cpu:.2f} s CPU), {many.output['size'] / 1e6:.1f} MB"
        )
        print(f"        ratio of memory: {many.peak / few.peak:.2f} (claim: at most 1.25)")


if __name__ == "__main__":
    main()
