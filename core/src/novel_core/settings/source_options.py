"""A plugin's own options, from the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import TypeAdapter, ValidationError

from novel_core.errors import InvalidSetting, PluginError
from novel_core.settings.model import Settings, variable
from novel_core.settings.sections import source_key


def read_options(
    settings: Settings,
    source: str,
    kind: type | None,
    defaults: Mapping[str, Any],
    family: str | None = None,
) -> Any:
    """The options of the source: an object of the dataclass `kind`, None where the plugin has none.

    The settings win over `defaults`, those of a site; those of the site win over its `family`'s. A text is read as the type of its field asks:
    a number, a switch, JSON, or a list separated by commas. InvalidSetting names the variable of a
    wrong or unknown option.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Options:
    ...     reader: bool = False
    >>> given = Settings(sources={"forum": {"options": {"reader": "1"}}})
    >>> read_options(given, "forum", Options, {})
    Options(reader=True)
    """
    given = settings.source(source, family).options
    own_names = settings.source(source).options
    owners = {name: source if name in own_names or not family else family for name in given}
    if kind is None:
        for name in given:
            raise InvalidSetting(
                f"{_variable(owners[name], name)}: the source {source} has no options."
            )
        return None
    if not is_dataclass(kind):
        raise PluginError(f"The source {source}: its Options are no dataclass.")
    names = [field.name for field in fields(kind)]
    for name in given:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            known = f"Its options are {', '.join(names)}." if names else "It has none."
            hint = f"Did you mean {_variable(owners[name], near[0])}?" if near else known
            problem = f"{_variable(owners[name], name)}: the source {source} has no such option."
            raise InvalidSetting(problem, hint=hint)
    own = {name: value for name, value in defaults.items() if name in names}
    return _read(source, kind, own | given, owners)


def _read(source: str, kind: type, values: dict[str, Any], owners: Mapping[str, str]) -> Any:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    try:
        return adapter.validate_python(values)
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
    # What is no text of its type may be JSON, or a list.
    values |= {name: _unpacked(values[name]) for name in wrong & owners.keys()}
    try:
        return adapter.validate_python(values)
    except ValidationError as error:
        problems = [
            (tuple(map(str, problem["loc"])), problem["msg"].removeprefix("Value error, "))
            for problem in error.errors()
        ]
    for place, message in problems:
        if place and place[0] in owners:
            raise InvalidSetting(f"{_variable(owners[place[0]], *place)}: {message}.")
    place, message = problems[0]
    raise PluginError(f"The options of the site {source} are wrong: {'.'.join(place)}: {message}.")


def _unpacked(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    with suppress(ValueError):
        return json.loads(value)
    return [part.strip() for part in value.split(",")]


def _variable(source: str, *place: str) -> str:
    return variable("sources", source_key(source), "options", *place)
