"""The demo: a fiction from the bundled look-alike site, through the real spider, parser and save path."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from novel_royalroad_lookalike import Fiction, Library, LookalikeServer

CHAPTERS = 24
FICTION = 4242
URL = f"https://www.royalroad.com/fiction/{FICTION}"


def novel(*arguments: str, environment: dict[str, str]) -> None:
    """Run the `novel` command as a user would, away from any `.env` of theirs."""
    print(f"\n$ novel {' '.join(arguments)}", flush=True)
    script = Path(sys.executable).with_name("novel")
    folder = environment["NOVEL_DATA_DIR"]
    code = subprocess.run([script, *arguments], env=environment, cwd=folder, check=False).returncode
    if code:
        raise SystemExit(f"`novel {arguments[0]}` ended with exit code {code}; see above.")


def tour(folder: str) -> None:
    fiction = Fiction.generate(FICTION, chapters=CHAPTERS)
    with LookalikeServer(Library([fiction])) as site:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("NOVEL_") and name not in {"DATABASE_URL", "REDIS_URL"}
        } | {
            "NOVEL_DATA_DIR": folder,
            "NOVEL_HOST_MAP": site.host_map,
            "NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND": "20",
        }
        print(f"A synthetic Royal Road is served at {site.url}; the library is in {folder}")
        novel("services", "start", environment=environment)
        try:
            novel("sources", environment=environment)
            novel("ingest", URL, environment=environment)
            novel("read", URL, "1", environment=environment)
            novel("show", URL, environment=environment)
            fiction.add_chapter()
            print("\nThe author publishes another chapter; an update fetches only what is new:")
            novel("ingest", URL, environment=environment)
        finally:
            novel("services", "stop", environment=environment)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="novel-demo-") as folder:
        tour(folder)
    print(
        "\nThat was the whole pipeline; the library of the demo is deleted. To ingest a real fiction:\n"
        "  .venv/bin/novel ingest https://www.royalroad.com/fiction/ID\n"
        "which ends with the command to read it."
    )


if __name__ == "__main__":
    main()
