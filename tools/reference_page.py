"""Write docs/plugins/reference.md from the classes themselves; `tools/check_docs.py` compares it."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import novel_core
from novel_core import hookspecs, testing
from novel_core.declarative import PROCESSORS
from novel_core.declarative.fields import Usual
from novel_core.errors import NovelError

PAGE = Path(__file__).parent.parent / "docs/plugins/reference.md"
_HEAD = """\
# Reference

Everything that a plugin imports from `novel_core`, and its tests from `novel_core.testing`. How the parts work together is in
[source.md](source.md), [pages.md](pages.md), [tables.md](tables.md), [hooks.md](hooks.md) and [testing.md](testing.md).

This page is generated from the classes' own signatures and docstrings by `make fix`.
"""
_WIDTH = 160
#: The sections, and the modules whose names each has; a module of no section has the last one.
_SECTIONS = {
    "Sources and families": ("novel_core.plugin", "novel_core.source"),
    "Hooks": ("novel_core.hookspecs",),
    "Pages and requests": ("novel_core.page", "novel_core.requests"),
    "Items": ("novel_core.items",),
    "Tables": ("novel_core.declarative",),
    "Documents": ("novel_core.document",),
    "Spiders": ("novel_core.crawl.spider", "novel_core.crawl.walls"),
    "Errors": ("novel_core.errors",),
    "More": (),
}
#: What an author writes for a type that only the engine names.
_TYPES = {
    **dict.fromkeys(("Html", "Language", "Line", "PartId", "PartLine"), "str"),
    **dict.fromkeys(("SourceId", "Url", "WebUrl"), "str"),
    **dict.fromkeys(("Moment", "AwareDatetime"), "datetime"),
    "Count": "int",
    "Score": "float",
    "Next": "selector",
}


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for title, modules in _SECTIONS.items():
        names = [name for name in _exported() if _section_of(name) == title]
        parts.append(f"## {title}\n")
        parts += ["\n".join(_entry(name, getattr(novel_core, name))) for name in sorted(names)]
        if "novel_core.declarative" in modules:
            parts.append("\n".join(_steps()))
        if "novel_core.hookspecs" in modules:
            parts += ["\n".join(_entry(hook.__name__, hook)) for hook in hooks()]
    parts.append("## Tests\n\nFrom `novel_core.testing`.\n")
    parts += ["\n".join(_entry(name, getattr(testing, name))) for name in sorted(testing.__all__)]
    return "\n".join(parts).rstrip() + "\n\nNext: [Versions](versioning.md).\n"


def hooks() -> list[Callable[..., Any]]:
    """The hooks, as their specifications."""
    marked = f"{hookspecs.PROJECT}_spec"
    return [one for one in vars(hookspecs).values() if hasattr(one, marked)]


def _exported() -> list[str]:
    return [name for name in novel_core.__all__ if not name.startswith("_")]


def _section_of(name: str) -> str:
    home = _homes()[name]
    return next((title for title, modules in _SECTIONS.items() if home in modules), "More")


@cache
def _homes() -> dict[str, str]:
    """The module that each name comes from, as the package's stub has it."""
    stub = ast.parse(Path(novel_core.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [one for one in stub.body if isinstance(one, ast.ImportFrom)]
    return {name.name: f"novel_core.{one.module}" for one in imports for name in one.names}


def _entry(name: str, thing: Any) -> Iterator[str]:
    yield f"### `{name}`\n"
    if isinstance(thing, type(int | str)):
        yield f"`{' | '.join(part.__name__ for part in thing.__args__)}`.\n"
    elif not isinstance(thing, type) and not inspect.isfunction(thing):
        yield f"A `{type(thing).__name__}` of {_kinds_in(thing)}.\n"
    elif not thing.__module__.startswith("novel_core"):
        yield f"The class `{thing.__qualname__}` of {thing.__module__.partition('.')[0]}.\n"
    elif isinstance(thing, type):
        yield from _class(thing)
    else:
        yield f"```python\n{name}{_signature(thing)}\n```\n"
        yield from _docstring(thing)


def _kinds_in(thing: Any) -> str:
    """What a collection has in it, or whose an object is."""
    if isinstance(thing, tuple):
        return ", ".join(sorted({f"`{type(one).__name__}`" for one in thing}))
    return str(type(thing).__module__).partition(".")[0]


def _class(cls: type) -> Iterator[str]:
    if issubclass(cls, NovelError):
        retry = "retrying may help" if cls.retryable else "retrying does not help"
        base = cls.__base__
        assert base is not None
        yield f"A `{base.__name__}`, with the code `{cls.code}`; {retry}.\n"
    yield from _docstring(cls)
    if issubclass(cls, Enum):
        yield f"{', '.join(f'`{one.name}`' for one in cls)}.\n"
        return
    yield from _fields(cls)
    for name, member in vars(cls).items():
        inner = member.__func__ if isinstance(member, classmethod) else member
        if name.startswith(("_", "pytest_", "test_")):
            continue
        if isinstance(inner, property):
            yield _member(f"`.{name}`", inner.fget)
        elif inspect.isfunction(inner) and inner.__module__.startswith("novel_core"):
            dot = f"{cls.__name__}." if isinstance(member, classmethod) else "."
            yield _member(f"`{dot}{name}{_signature(inner, is_method=True)}`", inner)


def _member(head: str, thing: Any) -> str:
    meaning = _one_line(thing)
    return _wrapped(f"{head}: {meaning}" if meaning else head) + "\n"


def _fields(cls: type) -> Iterator[str]:
    rows = list(_rows(cls))
    if rows:
        yield "| field | type | default |\n|---|---|---|"
        yield from (f"| `{name}` | `{kind}` | {default} |" for name, kind, default in rows)
        yield ""


def _rows(cls: type) -> Iterator[tuple[str, str, str]]:
    written = {name: text for base in reversed(cls.__mro__) for name, text in _annotations(base)}
    if issubclass(cls, BaseModel):
        for name, field in cls.model_fields.items():
            yield name, _type(written[name]), _default(field)
    elif dataclasses.is_dataclass(cls):
        for field in dataclasses.fields(cls):
            yield field.name, _type(str(field.type)), _default(field)
    else:
        for name, text in _annotations(cls):
            if not name.startswith("_"):
                default = f"`{vars(cls)[name]!r}`" if name in vars(cls) else "required"
                yield name, _type(text), default


def _annotations(cls: type) -> list[tuple[str, str]]:
    return [(name, str(text)) for name, text in vars(cls).get("__annotations__", {}).items()]


def _default(field: FieldInfo | dataclasses.Field[Any]) -> str:
    if isinstance(field, FieldInfo):
        if field.is_required():
            return "required"
        value = field.get_default(call_default_factory=not _takes_data(field))
    elif field.default is not dataclasses.MISSING:
        value = field.default
    elif field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    else:
        return "required"
    if isinstance(value, Usual):
        return f"`{value.css!r}` on a page of elements"
    is_empty = value is None or (not isinstance(value, bool | int | float) and not value)
    if is_empty or isinstance(value, BaseModel):
        return "none" if value is None else "empty"
    if isinstance(value, Enum):
        return f"`{type(value).__name__}.{value.name}`"
    is_plain = isinstance(value, bool | int | float | str)
    return (
        f"`{value!r}`"
        if is_plain
        else f"`{type(value).__name__}()`"
        if dataclasses.is_dataclass(value)
        else "now"
    )


def _takes_data(field: FieldInfo) -> bool:
    return bool(field.default_factory_takes_validated_data)


class _Plain(ast.NodeTransformer):
    """Replaces the engine's names of types by those of the language."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if name == "Annotated" and isinstance(node.slice, ast.Tuple):
            return node.slice.elts[0]
        return node.slice if name == "ClassVar" else node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        name = "selector" if re.fullmatch(r"Of[A-Z]\w+", node.id) else node.id
        return ast.Name(_TYPES.get(name, name))


def _type(text: str) -> str:
    return ast.unparse(_Plain().visit(ast.parse(text, mode="eval"))).replace("|", "\\|")


def _signature(function: Callable[..., Any], *, is_method: bool = False) -> str:
    found = inspect.signature(function)
    if is_method:
        found = found.replace(parameters=list(found.parameters.values())[1:])
    parameters = [
        one.replace(annotation=_Bare(one.annotation)) if one.annotation is not one.empty else one
        for one in found.parameters.values()
    ]
    result = found.return_annotation
    bare = result if result is found.empty else _Bare(result)
    return str(found.replace(parameters=parameters, return_annotation=bare))


class _Bare:
    """An annotation that is shown without quotes."""

    def __init__(self, text: Any) -> None:
        self.text = str(text)

    def __repr__(self) -> str:
        return self.text


def _docstring(thing: Any) -> Iterator[str]:
    """The docstring, with its examples as blocks."""
    text = inspect.getdoc(thing) if thing.__doc__ else None
    for block in (text or "").split("\n\n"):
        if block.lstrip().startswith(">>>"):
            yield f"```text\n{textwrap.dedent(block)}\n```\n"
        elif block.strip():
            yield f"{_wrapped(' '.join(block.split()))}\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _one_line(thing: Any) -> str:
    """The docstring without its examples."""
    text = (inspect.getdoc(thing) or "").partition(">>>")[0]
    return " ".join(text.split())


def _steps() -> Iterator[str]:
    yield "### Steps of a selector\n"
    for name, step in PROCESSORS.items():
        yield f"- `{name}`: {_one_line(step)}"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
