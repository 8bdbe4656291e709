"""The settings: environment variables and `.env`, checked once at the start."""

from novel_core.settings.model import (
    MAX_TIMEOUT,
    MIN_TIMEOUT,
    PLUGIN_VARIABLES,
    PREFIX,
    Settings,
    SourceOverride,
    load_settings,
    unknown_variables,
)

__all__ = [
    "MAX_TIMEOUT",
    "MIN_TIMEOUT",
    "PLUGIN_VARIABLES",
    "PREFIX",
    "Settings",
    "SourceOverride",
    "load_settings",
    "unknown_variables",
]
