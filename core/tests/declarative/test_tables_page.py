"""The examples of docs/plugins/tables.md, executed."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

_EXAMPLE = re.compile(r"^```pycon\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_page(project_root: Path) -> None:
    text = (project_root / "docs" / "plugins" / "tables.md").read_text(encoding="utf-8")
    examples = "\n".join(_EXAMPLE.findall(text))
    page = doctest.DocTestParser().get_doctest(examples, {}, "tables.md", None, 0)
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    output: list[str] = []
    ran = doctest.DocTestRunner(optionflags=options).run(page, out=output.append)
    assert not ran.failed, "".join(output)
    assert ran.attempted > 20
