"""The demo: a fiction from the bundled look-alike site, through the real spider, parser and save path."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from novel_royalroad.lookalike import Fiction, Library, LookalikeServer

CHAPTERS = 24
FICTION = 4242
URL = f"https://www.royalroad.com/fiction/{FICTION}"


def novel(*arguments: str, environment: dict[str, str], check: bool = True) -> None:
    """Run the `novel` command as a user would."""
    print(f"\n$ novel {' '.join(arguments)}", flush=True)
    script = Path(sys.executable).with_name("novel")
    subprocess.run([script, *arguments], env=environment, check=check)


def main() -> None:
    fiction = Fiction.generate(FICTION, chapters=CHAPTERS)
    folder = Path(tempfile.mkdtemp(prefix="novel-demo-"))
    with LookalikeServer(Library([fiction])) as site:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "REDIS_URL"}
        } | {
            "NOVEL_DATA_DIR": str(folder),
            "NOVEL_HOST_MAP": site.host_map,
            "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "20",
        }
        print(f"A synthetic Royal Road is served at {site.url}; data goes to {folder}")
        novel("services", "start", environment=environment)
        try:
            novel("sources", environment=environment)
            novel("ingest", URL, environment=environment)
            novel("show", URL, environment=environment)
            fiction.add_chapter()
            print(
                "\nThe author has published another chapter; an update asks for what is new only:"
            )
            novel("ingest", URL, environment=environment)
            novel("read", URL, str(CHAPTERS + 1), environment=environment)
        finally:
            novel("services", "stop", environment=environment)
    print(
        "\nThat was the whole way. To ingest a real fiction:\n"
        "  .venv/bin/novel ingest https://www.royalroad.com/fiction/ID\n"
        "and to read it: .venv/bin/novel read SLUG 1"
    )


if __name__ == "__main__":
    main()
