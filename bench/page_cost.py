"""What one more page costs a job that keeps to a rate: a novel of 120 chapters beside one of 20, at 20 requests/s.

Each page arrives alone, and the rate is kept in Redis. Prints statements, transactions, calls of Redis' scripts and CPU for each page
more, and what a job costs without its pages.
"""

from __future__ import annotations

from typing import Any

from common import site
from ingest import whole

FEW, MANY = 20, 120
POLITE = {
    "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "20",
    "NOVEL_SOURCES__ROYALROAD__CONCURRENCY": "4",
}


def job(chapters: int) -> dict[str, Any]:
    options = ("--fictions", "1", "--chapters", str(chapters), "--chapter-bytes", "16000", "--fast")
    with site(*options) as served:
        return whole(served, chapters=chapters, **POLITE)


def main() -> None:
    few, many = job(FEW), job(MANY)
    more = {name: (many[name] - few[name]) / (MANY - FEW) for name in many}
    fixed = {name: few[name] - FEW * more[name] for name in few}
    print(f"page cost: a page more of a job at 20 requests/s, {FEW} and {MANY} chapters")
    for title, cost in (("page", more), ("job", fixed)):
        print(
            f"  {title:<4}: {cost['statements']:5.1f} statements in {cost['transactions']:4.1f} transactions,"
            f" {cost['script_calls']:4.1f} script calls to Redis; CPU {cost['cpu'] * 1000:6.1f} ms,"
            f" and PostgreSQL {cost['postgres_cpu'] * 1000:.1f}"
        )
    print("  (claims: at most 3.5 statements and 2.2 script calls a page)")


if __name__ == "__main__":
    main()
