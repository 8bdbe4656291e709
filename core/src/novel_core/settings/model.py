"""Every setting, read from the environment; the `novel` command puts the lines of `.env` there first.

Names carry the prefix `NOVEL_`, except `DATABASE_URL` and `REDIS_URL`. Per-source overrides are nested:
`NOVEL_SOURCES__ROYALROAD__REQUESTS_PER_SECOND=0.5`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from novel_core.errors import InvalidSetting, InvalidUrl
from novel_core.settings.server_urls import checked_database_url, checked_redis_url
from novel_core.settings.webhook_url import checked_target, signing_key

PREFIX = "NOVEL_"
#: How long an attempt at a job may take, at the least and the most.
MIN_TIMEOUT, MAX_TIMEOUT = 10, 7 * 86_400
PROJECT_URL = "https://github.com/novel-ingestion/novel-ingestion"


class SourceOverride(BaseModel):
    """What the owner of this installation wants of one source, over what the plugin declares."""

    model_config = ConfigDict(extra="forbid")

    requests_per_second: float | None = Field(default=None, ge=0, description="0 means no limit")
    jitter: float | None = Field(default=None, ge=0, le=1)
    concurrency: int | None = Field(default=None, ge=1, le=64)


class Settings(BaseSettings):
    """Sizes are bytes, times are seconds.

    >>> Settings().http_timeout
    30.0
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        # Compose files and shells pass on a variable nobody has set as an empty one.
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    # Where things are
    database_url: str | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL"))
    redis_url: str | None = Field(default=None, validation_alias=AliasChoices("REDIS_URL"))
    data_dir: Path = Field(
        default_factory=lambda: Path(
            platformdirs.user_data_dir("novel-ingestion", appauthor=False)
        ),
        description="home of the embedded servers' data",
    )

    # How the sites are asked
    user_agent: str = Field(default=f"NovelIngestion/0.1 (+{PROJECT_URL})", min_length=1)
    host_map: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict)
    allow_private_hosts: bool = False
    sources: dict[str, SourceOverride] = Field(default_factory=dict)
    http_timeout: float = Field(default=30.0, gt=0)
    retry_times: int = Field(default=3, ge=0, le=20)
    retry_backoff: float = Field(default=2.0, ge=0, description="first pause; doubles each time")
    max_pause: float = Field(
        default=120.0, ge=0, description="longest pause a site may ask for within one run"
    )
    max_page_bytes: int = Field(default=16 * 2**20, gt=0)
    max_index_bytes: int = Field(default=40 * 2**20, gt=0)
    max_image_bytes: int = Field(default=20 * 2**20, gt=0)
    max_images: int = Field(default=5000, ge=0, description="pictures kept of one novel")
    max_images_bytes: int = Field(default=2**30, ge=0, description="and their bytes together")
    max_redirects: int = Field(default=5, ge=0)
    robots_ttl: float = Field(default=86400.0, ge=0)
    fetch_images: bool = True

    # How jobs run
    lease: float = Field(
        default=60.0, gt=0, description="a job not renewed this long is taken over"
    )
    job_timeout: int = Field(
        default=3600,
        ge=MIN_TIMEOUT,
        le=MAX_TIMEOUT,
        description="an attempt by a worker ends after this, and hands back what is missing",
    )
    page_timeout: float = Field(
        default=60.0, gt=0, description="processor time that reading one page may take"
    )
    max_failures: int = Field(
        default=8, ge=1, description="failures a retry can help, until the job ends"
    )
    job_backoff: float = Field(
        default=30.0,
        ge=0,
        description="pause before a failed job's next attempt; doubles each time",
    )
    batch_size: int = Field(default=100, ge=1, description="items in memory at once")
    reuse_index: float = Field(
        default=3600.0, ge=0, description="a resumed job asks for its index page again after this"
    )

    # Watched novels
    watch_recheck: int = Field(
        default=5, ge=0, description="newest chapters an update of a watched novel asks for again"
    )
    watch_rotate: int = Field(
        default=5, ge=0, description="and others, those whose last check is longest ago"
    )
    watch_open_jobs: int = Field(
        default=10, ge=1, description="updates of watched novels under way at once"
    )

    # Webhooks
    webhook_secret: SecretStr | None = Field(
        default=None, description="signs what is sent; `whsec_` and base64, or any text"
    )
    webhook_url: str | None = Field(
        default=None, description="told of the end of every job, as well as the job's own URL"
    )

    # What the service says
    log_format: Literal["text", "json"] = "text"

    # The API
    api_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="names the API answers to, beside those of this machine's loopback"
    )
    api_trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="addresses or networks of proxies whose X-Forwarded-For is believed"
    )
    api_session_secret: SecretStr | None = Field(
        default=None,
        description="seals sessions of the web page; a file of the data folder if not set",
    )
    api_rate_limit: int = Field(
        default=600, ge=0, description="requests a minute of one key or address; 0 means no limit"
    )
    api_streams: int = Field(
        default=64, ge=1, description="event streams each API process serves at once"
    )
    api_require_keys: bool = Field(
        default=False, description="refuse to serve anybody without an API key"
    )
    api_workers: int = Field(default=1, ge=1, le=64, description="processes of `novel api`")

    # What is kept
    keep_index_pages: int = Field(default=3, ge=1, description="per novel")
    keep_event_days: float = Field(default=90.0, gt=0)
    keep_job_days: float = Field(
        default=90.0,
        gt=0,
        description="jobs that ended, unless the library holds what they brought",
    )
    keep_page_days: float = Field(default=7.0, gt=0, description="pages of failed jobs")

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str | None) -> str | None:
        return value and checked_database_url(value)

    @field_validator("redis_url")
    @classmethod
    def _is_a_queue(cls, value: str | None) -> str | None:
        return value and checked_redis_url(value)

    @field_validator("api_hosts", "api_trusted_proxies", mode="before")
    @classmethod
    def _parse_hosts(cls, value: object) -> object:
        """`novels.example,10.0.0.7` as a tuple."""
        if not isinstance(value, str):
            return value
        return tuple(filter(None, (part.strip().lower() for part in value.split(","))))

    @field_validator("api_trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """`10.0.0.7` and `10.0.0.0/8`; a name could come to mean somebody else."""
        return tuple(str(ip_network(one, strict=False)) for one in value)

    @field_validator("host_map", mode="before")
    @classmethod
    def _parse_host_map(cls, value: object) -> object:
        """`host=http://127.0.0.1:8000,other=…` as a mapping."""
        if not isinstance(value, str):
            return value
        mapped: dict[str, str] = {}
        for entry in filter(None, (part.strip() for part in value.split(","))):
            host, separator, target = entry.partition("=")
            if not separator or not target.startswith(("http://", "https://")):
                msg = f"{entry!r} is not of the form host=http://address:port"
                raise ValueError(msg)
            mapped[host.strip().lower()] = target.strip().rstrip("/")
        return mapped

    @field_validator("webhook_secret")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            signing_key(value.get_secret_value())
        return value

    @field_validator("webhook_url")
    @classmethod
    def _can_be_told(cls, value: str | None, info: ValidationInfo) -> str | None:
        """A wrong address, or one without a secret, is told at once, not by every submission."""
        if value is None:
            return value
        if "webhook_secret" in info.data and info.data["webhook_secret"] is None:
            msg = "NOVEL_WEBHOOK_SECRET must be set too, since every message is signed"
            raise ValueError(msg)
        try:
            return checked_target(value)
        except InvalidUrl as error:
            raise ValueError(error.message) from error

    @cached_property
    def uses_embedded_postgres(self) -> bool:
        return self.database_url is None


def load_settings() -> Settings:
    """The settings of this process; a wrong value is an InvalidSetting that names the variable."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"{_variable(problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        )
        raise InvalidSetting(f"A setting is wrong: {problems}.") from error
    except SettingsError as error:
        field = re.search(r'field "(\w+)"', str(error))
        name = PREFIX + field[1].upper() if field else str(error)
        raise InvalidSetting(f"A setting is wrong: {name} is not valid JSON.") from error


def _variable(location: tuple[int | str, ...]) -> str:
    """The environment variable behind a field.

    >>> _variable(("sources", "royalroad", "jitter")), _variable(("DATABASE_URL",))
    ('NOVEL_SOURCES__ROYALROAD__JITTER', 'DATABASE_URL')
    """
    name = "__".join(str(part) for part in location).upper()
    return name if name in {"DATABASE_URL", "REDIS_URL"} else PREFIX + name


#: How like a setting's name a mistyped one is.
_ALIKE = 0.85
#: Read by the registry, which does without this module.
PLUGIN_VARIABLES = ("NOVEL_DISABLED_SOURCES", "NOVEL_STRICT_PLUGINS")


def unknown_variables(environment: Iterable[str]) -> dict[str, str | None]:
    """The variables that look like settings and are none, each with the setting that was meant: None for a plugin's own.

    >>> unknown_variables(["NOVEL_LEASE", "NOVEL_LEESE", "NOVEL_MYSITE_TOKEN", "PATH"])
    {'NOVEL_LEESE': 'NOVEL_LEASE', 'NOVEL_MYSITE_TOKEN': None}
    """
    known = {f"NOVEL_{name.upper()}" for name in Settings.model_fields} | set(PLUGIN_VARIABLES)
    unknown = sorted(
        name
        for name in environment
        if name.startswith("NOVEL_") and name.split("__")[0].upper() not in known
    )
    likely = {name: get_close_matches(name.split("__")[0], known, 1, _ALIKE) for name in unknown}
    return {name: found[0] if found else None for name, found in likely.items()}
