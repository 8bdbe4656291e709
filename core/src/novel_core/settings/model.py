"""The settings of a process: every section in one object, read from environment variables.

Names carry the prefix `NOVEL_`, except `DATABASE_URL` and `REDIS_URL`. Overrides of one source are
nested: `NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND=0.5`. The `novel` command also reads `.env`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from novel_core.errors import InvalidSetting
from novel_core.settings.sections import (
    ApiSettings,
    CrawlSettings,
    JobSettings,
    LogSettings,
    PluginSettings,
    RetentionSettings,
    ServerSettings,
    WatchSettings,
    WebhookSettings,
)

PREFIX = "NOVEL_"
#: Similarity from which an unknown name counts as a mistyped setting.
_ALIKE = 0.85


class Settings(
    ServerSettings,
    CrawlSettings,
    JobSettings,
    WatchSettings,
    WebhookSettings,
    ApiSettings,
    RetentionSettings,
    LogSettings,
    BaseSettings,
):
    """Every setting of the engine, the API and the worker. Sizes are bytes, times are seconds.

    >>> Settings().http_timeout
    30.0
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        # Compose files and shells pass on an unset variable as an empty one.
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    @cached_property
    def uses_embedded_postgres(self) -> bool:
        return self.database_url is None


def load_settings() -> Settings:
    """The settings of this process; InvalidSetting, naming the variable, for a wrong value."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{variable(*problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        )
        raise InvalidSetting(f"A setting is wrong: {problems}.") from error
    except SettingsError as error:
        field = re.search(r'field "(\w+)"', str(error))
        name = PREFIX + field[1].upper() if field else str(error)
        raise InvalidSetting(f"A setting is wrong: {name} is not valid JSON.") from error


def variable(*location: int | str) -> str:
    """The environment variable of a field.

    >>> variable("sources", "royalroad", "jitter"), variable("DATABASE_URL")
    ('NOVEL_SOURCES__ROYALROAD__JITTER', 'DATABASE_URL')
    """
    name = "__".join(str(part) for part in location).upper()
    return name if name in {"DATABASE_URL", "REDIS_URL"} else PREFIX + name


def unknown_variables(environment: Iterable[str]) -> dict[str, str | None]:
    """The variables that look like settings but are none, each with the most similar setting.

    The similar setting is None for what is likely a plugin's own variable.

    >>> unknown_variables(["NOVEL_LEASE", "NOVEL_LEESE", "NOVEL_MYSITE_TOKEN", "PATH"])
    {'NOVEL_LEESE': 'NOVEL_LEASE', 'NOVEL_MYSITE_TOKEN': None}
    """
    known = {variable(name) for name in (*Settings.model_fields, *PluginSettings.model_fields)}
    unknown = sorted(
        name
        for name in environment
        if name.startswith(PREFIX) and name.split("__")[0].upper() not in known
    )
    likely = {name: get_close_matches(name.split("__")[0], known, 1, _ALIKE) for name in unknown}
    return {name: found[0] if found else None for name, found in likely.items()}
