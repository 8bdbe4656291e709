"""`python -m novel_ao3_lookalike`: the look-alike in a process of its own."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from novel_ao3_lookalike.library import Library, LookalikeSeries, LookalikeWork
from novel_ao3_lookalike.server import LookalikeServer
from novel_ao3_lookalike.switches import SiteSwitches
from novel_core.lookalike import serve_until_stopped


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    works = [
        LookalikeWork.generate(
            number, chapters=options.chapters, chapter_bytes=options.chapter_bytes
        )
        for number in range(1, options.works + 1)
    ]
    series = LookalikeSeries(1, "All of Them", [work.id for work in works])
    switches = SiteSwitches(latency=options.latency)
    server = LookalikeServer(Library(works, [series]), switches, port=options.port)
    what = f"{len(works)} synthetic works"
    serve_until_stopped(server, what, with_parent=options.with_parent)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m novel_ao3_lookalike",
        description="A synthetic archive on the loopback; works have the ids 1 to N, the series of all of them has 1.",
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 takes a free one")
    add("--works", type=int, default=1)
    add("--chapters", type=int, default=12, help="of each work")
    add("--chapter-bytes", type=int, default=16_000, help="size of a chapter's text")
    add("--latency", type=float, default=0.0, metavar="S", help="seconds before each answer")
    add("--with-parent", action="store_true", help="end when standard input closes")
    return parser


if __name__ == "__main__":
    main()
