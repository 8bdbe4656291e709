"""`python -m novel_ao3_lookalike`: the look-alike as a process."""

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
        description="A synthetic archive on loopback. Works have the ids 1 to N; series 1 has all.",
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 chooses a free port")
    add("--works", type=int, default=1)
    add("--chapters", type=int, default=12, help="of each work")
    add("--chapter-bytes", type=int, default=16_000, help="size of a chapter's text")
    add("--latency", type=float, default=0.0, metavar="S", help="seconds before each response")
    add("--with-parent", action="store_true", help="stop when standard input closes")
    return parser


if __name__ == "__main__":
    main()
