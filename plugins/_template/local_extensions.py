"""The Jinja filters of this template: each writes any answer in the language of its file."""

from __future__ import annotations

import json
import re

import source_answers
from jinja2 import Environment
from jinja2.ext import Extension

_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|&~$])")


def python(value: object) -> str:
    """A Python literal, with the quotes that the formatter would choose.

    >>> print(python('the "Inn"'), python(("a",)), python(None))
    'the "Inn"' ("a",) None
    """
    if isinstance(value, str):
        quote = "'" if value.count('"') > value.count("'") else '"'
        return quote + "".join(_escaped(character, quote) for character in value) + quote
    if isinstance(value, tuple):
        return f"({', '.join(map(python, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        return f"[{', '.join(map(python, value))}]"
    return repr(value)


def _escaped(character: str, quote: str) -> str:
    if character in {quote, "\\"}:
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]


def toml(value: str) -> str:
    """A basic string of TOML: that of JSON, except for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def markdown(value: str) -> str:
    """The text, escaped for Markdown and HTML."""
    return _MARKDOWN.sub(r"\\\1", value)


class AnswerFilters(Extension):
    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters.update(
            python=python,
            toml=toml,
            markdown=markdown,
            problems=source_answers.problems,
            safe_name=source_answers.safe_name,
            class_name=source_answers.class_name,
            origin=source_answers.origin,
            path=source_answers.path,
            site_name=source_answers.site_name,
            domains=source_answers.domains,
        )
