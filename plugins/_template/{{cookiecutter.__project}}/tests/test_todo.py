"""What the template could not know. The test names every TODO that is left, and passes when there is none."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
MARK = "# TODO: "


def todos() -> list[str]:
    files = [*PROJECT.glob("src/**/*.py"), *PROJECT.glob("tests/*.py")]
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
        told = "\n".join(left)
        pytest.fail(f"{told}\nDo each, then delete its comment.", pytrace=False)
