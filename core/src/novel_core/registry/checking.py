"""Holding a plugin to the contract before it is used: pluggy itself would register a misspelt hook in silence."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable
from typing import Any

from novel_core import hookspecs
from novel_core.errors import PluginError
from novel_core.hookspecs import PROJECT, REQUIRED_HOOKS
from novel_core.source import SourceInfo

PREFIX = "novel_"
MARK = f"{PROJECT}_impl"
_DOMAIN = re.compile(r"^(?=.{1,253}$)([a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$")


def known_hooks() -> dict[str, tuple[str, ...]]:
    """Every hook of the contract and its arguments."""
    return {
        name: tuple(inspect.signature(function).parameters)
        for name, function in vars(hookspecs).items()
        if hasattr(function, f"{PROJECT}_spec")
    }


KNOWN = known_hooks()


def implementations(plugin: object) -> dict[str, Callable[..., Any]]:
    """The plugin's hooks, each callable with the contract's positional arguments. Raises PluginError on anything odd."""
    hooks: dict[str, Callable[..., Any]] = {}
    for name in dir(plugin):
        function = getattr(plugin, name, None)
        if not callable(function):
            continue
        marked = getattr(function, MARK, None)
        if marked is None:
            if name in KNOWN and getattr(function, "__module__", None) != hookspecs.__name__:
                raise PluginError(f"{name} is not marked: write @hookimpl above it.")
            continue
        hook = marked.get("specname") or name
        if hook not in KNOWN:
            raise PluginError(f"{_signature(name, function)} is no hook{_nearest(hook)}.")
        hooks[hook] = _adapted(hook, name, function)
    missing = [hook for hook in REQUIRED_HOOKS if hook not in hooks]
    if missing:
        raise PluginError(f"it lacks {', '.join(missing)}, which every source must implement.")
    return hooks


def _adapted(hook: str, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A hook may take fewer arguments than the contract offers, as everywhere with pluggy."""
    offered = KNOWN[hook]
    taken = tuple(inspect.signature(function).parameters)
    unknown = [argument for argument in taken if argument not in offered]
    if unknown:
        raise PluginError(
            f"{_signature(name, function)} takes {', '.join(unknown)}, "
            f"but the hook is {hook}({', '.join(offered)})."
        )
    if taken == offered:
        return function
    places = [offered.index(argument) for argument in taken]
    return lambda *arguments: function(*(arguments[place] for place in places))


def _signature(name: str, function: Callable[..., Any]) -> str:
    try:
        return f"{name}{inspect.signature(function)}"
    except (TypeError, ValueError):
        return name


def _nearest(name: str) -> str:
    close = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}({', '.join(KNOWN[close[0]])})?" if close else ""


def checked_info(name: str, info: object) -> SourceInfo:
    """The source's name card, if it is one and agrees with its entry point."""
    if not isinstance(info, SourceInfo):
        raise PluginError(f"novel_source_info returned {info!r}, not a SourceInfo.")
    if info.name != name:
        raise PluginError(
            f"novel_source_info names the source {info.name!r}, its entry point {name!r}: "
            "they must be the same."
        )
    if not info.domains or isinstance(info.domains, str):
        raise PluginError("novel_source_info must name the source's domains, in a tuple.")
    wrong = [domain for domain in info.domains if not _DOMAIN.match(str(domain))]
    if wrong:
        raise PluginError(
            f"novel_source_info names {wrong[0]!r}, which is not a plain lower-case host."
        )
    return info
