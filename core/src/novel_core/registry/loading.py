"""Loading plugins into entries of the registry; an error stays with its entry."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from novel_core.hookspecs import ENTRY_POINT_GROUP, LISTENER_GROUP, LISTENER_HOOKS
from novel_core.registry.compatibility import incompatibility
from novel_core.registry.discovery import Candidate
from novel_core.registry.entry import SourceEntry, SourceState
from novel_core.registry.hooks import implemented_hooks, is_hookable, scoped_hooks
from novel_core.registry.info_check import SOURCE_NAME, info_problems
from novel_core.registry.loaded import LoadedPlugin, LoadedSource, describe


def load_candidates(
    candidates: Iterable[Candidate], disabled: Collection[str], core_version: str
) -> list[SourceEntry]:
    """An entry for each candidate. Only enabled, unique and compatible ones are imported."""
    candidates = list(candidates)
    uses = Counter(candidate.name for candidate in candidates)
    entries = []
    for candidate in candidates:
        if candidate.name in disabled:
            entry = _entry(candidate, SourceState.DISABLED)
        elif uses[candidate.name] > 1:
            rivals = [c for c in candidates if c.name == candidate.name]
            entry = _entry(candidate, SourceState.DUPLICATE, error=_rivalry(rivals))
        else:
            # Output of a plugin's import must not end up in JSON output.
            with contextlib.redirect_stdout(sys.stderr):
                entry = _load(candidate, core_version)
        entries.append(entry)
    return entries


def _rivalry(rivals: list[Candidate]) -> str:
    owners = " and ".join(str(rival.distribution) for rival in rivals)
    return f"its name is used by {owners}; uninstall all but one"


def _load(candidate: Candidate, core_version: str) -> SourceEntry:
    if candidate.entry_point is None:
        return _entry(candidate, SourceState.FAILED, error=candidate.problem)
    if not SOURCE_NAME.fullmatch(candidate.name):
        problem = "its name may have lower-case letters, digits, - and _ only, up to 64"
        return _entry(candidate, SourceState.FAILED, error=problem)
    refusal = incompatibility(candidate.distribution.requires, core_version)
    if refusal:
        return _entry(candidate, SourceState.INCOMPATIBLE, error=refusal)
    try:
        plugin = candidate.entry_point.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - SystemExit and the like are a plugin's fault as well
        return _raised(candidate, "it cannot be imported", error)
    examine = _examine_listener if candidate.entry_point.group == LISTENER_GROUP else _examine
    try:
        return examine(candidate, plugin)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - as above
        return _raised(candidate, "novel_source_info failed", error)


def _examine(candidate: Candidate, plugin: object) -> SourceEntry:
    """Compare the plugin with the contract. Raises what the plugin raises."""
    if not is_hookable(plugin):
        return _not_hookable(candidate, plugin)
    hooks, problems = implemented_hooks(plugin)
    if problems:
        return _entry(candidate, SourceState.FAILED, error="; ".join(problems))
    callers = scoped_hooks(plugin, candidate.name)
    info: Any = next(iter(callers.novel_source_info()), None)
    problems = info_problems(info, candidate.name)
    if problems:
        return _entry(candidate, SourceState.FAILED, error="; ".join(problems))
    source = LoadedSource(candidate.name, candidate.distribution, hooks, callers, info)
    return _entry(candidate, SourceState.LOADED, source=source)


def _examine_listener(candidate: Candidate, plugin: object) -> SourceEntry:
    if not is_hookable(plugin):
        return _not_hookable(candidate, plugin)
    hooks, problems = implemented_hooks(plugin, required=())
    asked = [hook for hook in hooks if hook not in LISTENER_HOOKS]
    if asked:
        problems.append(
            f"it implements {', '.join(asked)}, which only sources are asked: register it under {ENTRY_POINT_GROUP}"
        )
    if not hooks:
        problems.append(f"it implements none of {', '.join(LISTENER_HOOKS)}")
    if problems:
        return _entry(candidate, SourceState.FAILED, error="; ".join(problems))
    callers = scoped_hooks(plugin, candidate.name)
    listener = LoadedPlugin(candidate.name, candidate.distribution, hooks, callers)
    return _entry(candidate, SourceState.LOADED, listener=listener)


def _not_hookable(candidate: Candidate, plugin: object) -> SourceEntry:
    kind = "a class: name an instance" if isinstance(plugin, type) else "None"
    return _entry(candidate, SourceState.FAILED, error=f"its entry point names {kind}")


def _raised(candidate: Candidate, what: str, error: BaseException) -> SourceEntry:
    return _entry(
        candidate,
        SourceState.FAILED,
        error=f"{what}: {describe(error)}",
        details="".join(traceback.format_exception(error)),
    )


def _entry(
    candidate: Candidate,
    state: SourceState,
    *,
    error: str | None = None,
    details: str | None = None,
    source: LoadedSource | None = None,
    listener: LoadedPlugin | None = None,
) -> SourceEntry:
    return SourceEntry(
        candidate.name, state, candidate.distribution, error, details, source, listener
    )
