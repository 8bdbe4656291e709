"""What an update costs: an unchanged novel, and one with three new chapters."""

from __future__ import annotations

import json
import urllib.request

from common import FICTION, URL, Measured, Site, library, novel, site

CHAPTERS = 200


def publish(served: Site, count: int) -> None:
    """Have the look-alike's author publish more chapters."""
    for _ in range(count):
        command = {"command": "add_chapter", "fiction": FICTION}
        request = urllib.request.Request(
            f"{served.url}/_control",
            data=json.dumps(command).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as response:
            response.read()


def line(name: str, measured: Measured) -> str:
    output = measured.output
    return (
        f"  {name:<22}: {output['requests']:4} requests, {measured.seconds:5.2f} s"
        f" ({output['seconds']:.2f} s without start-up), {output['chapters']['new']} new"
    )


def main() -> None:
    with (
        site("--fictions", "1", "--chapters", str(CHAPTERS)) as served,
        library(served) as environment,
    ):
        novel("novels", environment=environment)
        first = novel("ingest", URL, environment=environment)
        unchanged = novel("ingest", URL, environment=environment)
        publish(served, 3)
        newer = novel("ingest", URL, environment=environment)
    print(f"update: a fiction of {CHAPTERS} chapters")
    print(line("first ingest", first))
    print(line("unchanged (claim: 1)", unchanged))
    print(line("3 newer (claim: 4)", newer))
    print(
        f"  ratio: an unchanged novel costs "
        f"{unchanged.output['requests'] / first.output['requests']:.4f} of the first ingest's requests"
    )


if __name__ == "__main__":
    main()
