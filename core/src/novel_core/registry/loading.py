"""Loading plugins into entries of the registry; an error stays with its entry."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from novel_core.hookspecs import ENTRY_POINT_GROUP, LISTENER_GROUP, LISTENER_HOOKS, REQUIRED_HOOKS
from novel_core.registry.checks import SOURCE_NAME, info_problems
from novel_core.registry.compatibility import incompatibility
from novel_core.registry.discovery import Candidate
from novel_core.registry.entry import SourceEntry, SourceState
from novel_core.registry.hooks import implemented_hooks, scoped_hooks
from novel_core.registry.loaded import LoadedPlugin, LoadedSource, describe


def load_candidates(
    candidates: Iterable[Candidate], disabled: Collection[str], core_version: str
) -> list[SourceEntry]:
    """An entry for each candidate. Only enabled, unique and compatible ones are imported."""
    candidates = list(candidates)
    uses = Counter(candidate.name for candidate in candidates)
    entries = []
    for candidate in candidates:
        entry = SourceEntry(candidate.name, SourceState.DISABLED, candidate.distribution)
        if uses[candidate.name] > 1 and candidate.name not in disabled:
            owners = (str(c.distribution) for c in candidates if c.name == candidate.name)
            error = f"its name is used by {' and '.join(owners)}; uninstall all but one"
            entry = replace(entry, state=SourceState.DUPLICATE, error=error)
        elif candidate.name not in disabled:
            # Output of a plugin's import must not end up in JSON output.
            with contextlib.redirect_stdout(sys.stderr):
                entry = _load(candidate, replace(entry, state=SourceState.FAILED), core_version)
        entries.append(entry)
    return entries


def _load(candidate: Candidate, failed: SourceEntry, core_version: str) -> SourceEntry:
    """The entry of a candidate; `failed` with the reason if it cannot be loaded."""
    if candidate.entry_point is None:
        return replace(failed, error=candidate.problem)
    if not SOURCE_NAME.fullmatch(candidate.name):
        problem = "its name may have lower-case letters, digits, - and _ only, up to 64"
        return replace(failed, error=problem)
    refusal = incompatibility(candidate.distribution.requires, core_version)
    if refusal:
        return replace(failed, state=SourceState.INCOMPATIBLE, error=refusal)
    what = "it cannot be imported"
    try:
        plugin = candidate.entry_point.load()
        what = "novel_source_info failed"
        is_listener = candidate.entry_point.group == LISTENER_GROUP
        return _examine(plugin, failed, is_listener=is_listener)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - SystemExit and the like are a plugin's fault as well
        details = "".join(traceback.format_exception(error))
        return replace(failed, error=f"{what}: {describe(error)}", details=details)


def _examine(plugin: object, failed: SourceEntry, *, is_listener: bool) -> SourceEntry:
    """Compare the plugin with the contract. Raises what the plugin raises."""
    if plugin is None or isinstance(plugin, type):
        kind = "None" if plugin is None else "a class: name an instance"
        return replace(failed, error=f"its entry point names {kind}")
    hooks, problems = implemented_hooks(plugin, () if is_listener else REQUIRED_HOOKS)
    if is_listener:
        problems += _listener_problems(hooks)
    if problems:
        return replace(failed, error="; ".join(problems))
    callers = scoped_hooks(plugin, failed.name)
    if is_listener:
        listener = LoadedPlugin(failed.name, failed.package, hooks, callers)
        return replace(failed, state=SourceState.LOADED, listener=listener)
    info: Any = next(iter(callers.novel_source_info()), None)
    problems = info_problems(info, failed.name)
    if problems:
        return replace(failed, error="; ".join(problems))
    source = LoadedSource(failed.name, failed.package, hooks, callers, info)
    return replace(failed, state=SourceState.LOADED, source=source)


def _listener_problems(hooks: Collection[str]) -> Iterator[str]:
    asked = [hook for hook in hooks if hook not in LISTENER_HOOKS]
    if asked:
        yield (
            f"it implements {', '.join(asked)}, which only sources are asked: register it under {ENTRY_POINT_GROUP}"
        )
    if not hooks:
        yield f"it implements none of {', '.join(LISTENER_HOOKS)}"
