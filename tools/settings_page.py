"""Write docs/configuration.md from the settings' fields; `tools/check_docs.py` compares it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from novel_core.settings import SECTIONS, SourceOverride, variable

PAGE = Path(__file__).parent.parent / "docs/configuration.md"
_HEAD = """\
# Configuration

Settings are environment variables, or lines of a `.env` file in the current folder; the environment
wins. An empty variable counts as not set. A wrong value ends the program with exit code 2 and one
line that names the variable; `novel doctor` also finds mistyped names. Switches are `1` or `0`.
`<SOURCE>` is the name of a source in capitals, as `novel sources` lists it, with `_` for each `-`.

This page is generated from `core/src/novel_core/settings/sections.py` by `make fix`.
"""
_COLUMNS = ("variable", "default", "unit", "example", "meaning")


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *("\n".join(_section(section)) for section in SECTIONS)])


def _section(section: type[BaseModel]) -> Iterator[str]:
    meanings = _meanings(section)
    yield f"## {section.__doc__}\n"
    yield f"| {' | '.join(_COLUMNS)} |"
    yield "|---" * len(_COLUMNS) + "|"
    for name, field in section.model_fields.items():
        if name == "sources":
            own_meanings = _meanings(SourceOverride)
            for own, override in SourceOverride.model_fields.items():
                place = ("options", "<field>") if own == "options" else (own,)
                yield _row(variable("sources", "<source>", *place), override, own_meanings[own])
        else:
            yield _row(variable(name), field, meanings[name])
    yield ""


def _row(name: str, field: FieldInfo, meaning: str) -> str:
    unit = next((part for part in field.metadata if isinstance(part, str)), "")
    example = (field.examples or [""])[0]
    cells = (f"`{name}`", _default(field, unit), unit, f"`{example}`", meaning)
    return f"| {' | '.join(cells)} |"


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """The text below each field in the source.

    pydantic could read it too (`use_attribute_docstrings`), but at every start of every command.
    """
    (body,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(body, ast.ClassDef)
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairwise(body.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(text.value.value, str)
    }


def _default(field: FieldInfo, unit: str) -> str:
    value = field.default
    if field.default_factory is not None or value is None or value in ((), {}):
        return "not set"
    if isinstance(value, bool):
        return "on" if value else "off"
    if unit == "bytes":
        return f"{value} ({value // 2**20:,} MiB)"
    return f"`{value}`" if isinstance(value, str) else f"{value:g}" if value < 10**6 else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
