"""`python -m novel_royalroad_lookalike`: the look-alike as a process."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from novel_core.lookalike import serve_until_stopped
from novel_royalroad_lookalike.library import Fiction, Library
from novel_royalroad_lookalike.server import LookalikeServer
from novel_royalroad_lookalike.switches import SiteSwitches


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    fictions = [
        Fiction.generate(number, chapters=options.chapters, chapter_bytes=options.chapter_bytes)
        for number in range(1, options.fictions + 1)
    ]
    switches = SiteSwitches(
        latency=options.latency, fast=options.fast, validators=options.validators
    )
    server = LookalikeServer(Library(fictions), switches, port=options.port)
    what = f"{len(fictions)} synthetic fictions"
    serve_until_stopped(server, what, with_parent=options.with_parent)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m novel_royalroad_lookalike",
        description="A synthetic Royal Road on loopback. Fictions have the ids 1 to N.",
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 chooses a free port")
    add("--fictions", type=int, default=1)
    add("--chapters", type=int, default=24, help="of each fiction")
    add("--chapter-bytes", type=int, default=16_000, help="size of a chapter's page")
    add("--latency", type=float, default=0.0, metavar="S", help="seconds before each response")
    add("--fast", action="store_true", help="cheaper pages, for benchmarks")
    add("--validators", action="store_true", help="ETag, Last-Modified and 304")
    add("--with-parent", action="store_true", help="stop when standard input closes")
    return parser


if __name__ == "__main__":
    main()
