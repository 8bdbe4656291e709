"""The hooks of a plugin, compared with the contract.

pluggy accepts a marked function of any name, and fills no argument that has a default or a star. A
misspelt hook would never be called, so all hooks of a plugin are checked here, before pluggy sees
them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches
from typing import Any

import pluggy

from novel_core import hookspecs
from novel_core.hookspecs import PROJECT

PREFIX = "novel_"
_MARK = f"{PROJECT}_impl"

#: All hooks of the contract, by name.
SPECIFICATIONS: dict[str, Callable[..., Any]] = {
    name: value
    for name, value in vars(hookspecs).items()
    if inspect.isfunction(value) and hasattr(value, f"{PROJECT}_spec")
}
#: The only hook that may be written as a generator.
_GENERATORS = frozenset({"novel_samples"})


def scoped_hooks(plugin: object, name: str) -> pluggy.HookRelay:
    """The callers of one plugin's hooks.

    Each plugin has its own manager, so that no other plugin can answer for it, and an exception of
    one does not affect the others.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin, name=name)
    return manager.hook


def implemented_hooks(
    plugin: object, required: Collection[str]
) -> tuple[tuple[str, ...], list[str]]:
    """The names of the hooks that `plugin` implements, and what is wrong with it, in words."""
    found: dict[str, str] = {}
    missed: set[str] = set()
    problems: list[str] = []
    for attribute, value in _offered(plugin):
        mark = _mark(value)
        hook = (mark or {}).get("specname") or attribute
        wrote = f"{attribute}{_parameters(value)}"
        if hook not in SPECIFICATIONS:
            nearest = _nearest(hook)
            missed.update(nearest)
            hooks = f": the hooks are {', '.join(SPECIFICATIONS)}"
            meant = f"; did you mean {signature(nearest[0])}?" if nearest else hooks
            problems.append(f"{wrote} is not a hook{meant}")
            continue
        missed.add(hook)
        if mark is None:
            problems.append(
                f"{wrote} is not marked: write @hookimpl above it (from novel_core import hookimpl)"
            )
        elif hook in found:
            problems.append(f"{found[hook]} and {attribute} both implement {hook}")
        else:
            found[hook] = attribute
            problems.extend(_misuses(hook, wrote, value, mark))
    problems += [
        f"it does not implement {signature(hook)}"
        for hook in required
        if hook not in found and hook not in missed
    ]
    return tuple(hook for hook in SPECIFICATIONS if hook in found), problems


def signature(hook: str) -> str:
    """The hook as the contract declares it.

    >>> signature("novel_match_url")
    'novel_match_url(url: str) -> UrlMatch | None'
    """
    return f"{hook}{inspect.signature(SPECIFICATIONS[hook])}".replace("'", "")


def _offered(plugin: object) -> Iterator[tuple[str, Any]]:
    """All functions marked as hooks, and functions named like a hook that are not marked."""
    for attribute in dir(plugin):
        if attribute.startswith("__"):
            continue
        value = inspect.getattr_static(plugin, attribute, None)
        if not callable(_function(value)) or isinstance(value, type):
            continue
        is_marked = _mark(value) is not None
        owner = getattr(_function(value), "__module__", None) or ""
        foreign = owner == "novel_core" or owner.startswith("novel_core.")
        if is_marked or (attribute.startswith(PREFIX) and not foreign):
            yield attribute, value


def _function(value: Any) -> Any:
    return value.__func__ if isinstance(value, (staticmethod, classmethod)) else value


def _mark(value: object) -> dict[str, Any] | None:
    mark = getattr(value, _MARK, None) or getattr(_function(value), _MARK, None)
    return mark if isinstance(mark, dict) else None


def _nearest(name: str) -> list[str]:
    # Without the prefix, which would make any two hooks similar.
    stems = {hook.removeprefix(PREFIX): hook for hook in SPECIFICATIONS}
    return [
        stems[stem]
        for stem in get_close_matches(name.removeprefix(PREFIX), stems, n=1, cutoff=0.55)
    ]


def _misuses(hook: str, wrote: str, value: Any, mark: dict[str, Any]) -> Iterator[str]:
    function = _function(value)
    if not inspect.isfunction(function) and not inspect.ismethod(function):
        yield f"{wrote} is a {type(value).__name__}, not a plain function: put @hookimpl on one that calls it"
        return
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        yield f"{wrote} is async, and hooks are called without awaiting: write def"
    if mark.get("wrapper") or mark.get("hookwrapper"):
        yield f"{wrote} is a wrapper: a source is asked alone, there is nothing to wrap"
    elif inspect.isgeneratorfunction(function) and hook not in _GENERATORS:
        yield f"{wrote} yields, so that calling it does nothing: return the value"
    declared = inspect.signature(SPECIFICATIONS[hook]).parameters
    wrong = [
        str(parameter.replace(annotation=inspect.Parameter.empty))
        for parameter in _own_parameters(value)
        if parameter.name not in declared or not _is_plain(parameter)
    ]
    if wrong:
        yield f"{wrote} takes {', '.join(wrong)}, but the hook is {signature(hook)}"


def _is_plain(parameter: inspect.Parameter) -> bool:
    """Whether pluggy fills the parameter: by position, without a default."""
    kinds = (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    return parameter.kind in kinds and parameter.default is parameter.empty


def _own_parameters(value: Any) -> list[inspect.Parameter]:
    """The parameters that a caller fills: not the `self` of a method."""
    function = _function(value)
    parameters = list(inspect.signature(function).parameters.values())
    is_method = "." in function.__qualname__.rpartition("<locals>.")[2]
    takes_self = is_method and not isinstance(value, staticmethod) and not inspect.ismethod(value)
    return parameters[1:] if takes_self else parameters


def _parameters(value: Any) -> str:
    """The arguments as the plugin wrote them, without annotations."""
    try:
        names = (
            str(parameter.replace(annotation=inspect.Parameter.empty))
            for parameter in _own_parameters(value)
        )
        return f"({', '.join(names)})"
    # A callable without a readable signature.
    except (AttributeError, TypeError, ValueError):
        return "(…)"
