"""Check the documents: links, settings, commands. Prints each problem; exit code 1 if any."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import reference_page
import settings_page

from novel_core.cli.main import COMMANDS, ENTRY_POINT_GROUP

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
VARIABLE = re.compile(r"`(NOVEL_[A-Z_]+|DATABASE_URL|REDIS_URL)`")
COMMAND = re.compile(r"(?:\$ |`)novel ([a-z]+(?:-[a-z]+)*)\b")
#: The engine's own, and those of the other packages.
KNOWN = COMMANDS.keys() | {point.name for point in entry_points(group=ENTRY_POINT_GROUP)}


def documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def broken_links(document: Path) -> Iterator[str]:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        if "://" not in target and not (document.parent / target).exists():
            yield f"{document.relative_to(ROOT)}: the link {target} leads nowhere"


def stale_pages() -> Iterator[str]:
    """The generated pages that are not as their tool writes them."""
    for tool in (settings_page, reference_page):
        if not tool.PAGE.exists() or tool.PAGE.read_text(encoding="utf-8") != tool.page():
            yield f"{tool.PAGE.relative_to(ROOT)}: out of date; run `make fix`"


def unknown_settings() -> Iterator[str]:
    known = set(VARIABLE.findall(settings_page.page()))
    for document in documents():
        for variable in VARIABLE.findall(document.read_text(encoding="utf-8")):
            if variable not in known:
                yield f"{document.relative_to(ROOT)}: there is no setting {variable}"


def unknown_commands() -> Iterator[str]:
    for document in documents():
        for line in document.read_text(encoding="utf-8").splitlines():
            if not line.startswith("$ novel") and "`novel " not in line:
                continue
            for command in COMMAND.findall(line):
                if command not in KNOWN:
                    yield f"{document.relative_to(ROOT)}: there is no command `novel {command}`"


def main() -> int:
    problems = [problem for document in documents() for problem in broken_links(document)]
    problems += [*stale_pages(), *unknown_settings(), *unknown_commands()]
    for problem in problems:
        print(problem)
    print(f"{len(documents())} documents, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
