"""The environment's switches for plugins; reading all settings takes too long."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from novel_core.errors import InvalidSetting

DISABLED_VARIABLE = "NOVEL_DISABLED_SOURCES"
STRICT_VARIABLE = "NOVEL_STRICT_PLUGINS"

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class PluginSwitches:
    """`disabled` are names of plugins; with `strict`, a plugin that fails to load is an error."""

    disabled: frozenset[str] = frozenset()
    strict: bool = False


def read_switches(environ: Mapping[str, str] | None = None) -> PluginSwitches:
    """The switches of this process.

    >>> sorted(read_switches({"NOVEL_DISABLED_SOURCES": "wattpad, royalroad"}).disabled)
    ['royalroad', 'wattpad']
    """
    environ = os.environ if environ is None else environ
    names = (name.strip() for name in environ.get(DISABLED_VARIABLE, "").split(","))
    strict = environ.get(STRICT_VARIABLE, "").strip().lower()
    if strict not in _TRUE | _FALSE:
        raise InvalidSetting(f"{STRICT_VARIABLE} is {strict!r}; it can be 1 or 0.")
    return PluginSwitches(frozenset(filter(None, names)), strict in _TRUE)
