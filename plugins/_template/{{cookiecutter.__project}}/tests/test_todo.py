"""The list of what only the author can know: it fails until no TODO is left."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
# Not written out: a `sed` that deletes all lines with the mark leaves this file as it is.
WORD = "TODO"
MARK = f"# {WORD}: "


def todos() -> list[str]:
    files = [
        *PROJECT.glob("src/**/*.py"),
        *PROJECT.glob("src/**/*.toml"),
        *PROJECT.glob("tests/*.py"),
    ]
    return [
        f"TODO in {path.name}, line {number}: {line.partition(MARK)[2]}"
        for path in sorted(files)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.lstrip().startswith(MARK)
    ]


def test_nothing_is_left_to_do() -> None:
    left = todos()
    if left:
        lines = "\n".join(left)
        pytest.fail(f"{lines}\nDo each, then delete its comment.", pytrace=False)
