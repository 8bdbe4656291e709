"""The settings: environment variables and `.env`, checked once at the start."""

from novel_core.settings.model import Settings, load_settings, unknown_variables, variable
from novel_core.settings.sections import MAX_TIMEOUT, MIN_TIMEOUT, SECTIONS, SourceOverride
from novel_core.settings.source_options import read_options

__all__ = [
    "MAX_TIMEOUT",
    "MIN_TIMEOUT",
    "SECTIONS",
    "Settings",
    "SourceOverride",
    "load_settings",
    "read_options",
    "unknown_variables",
    "variable",
]
