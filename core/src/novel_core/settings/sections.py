"""The settings by section, each with its meaning, unit and an example.

`docs/configuration.md` is generated from them.
"""

from __future__ import annotations

from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode

from novel_core.errors import InvalidUrl
from novel_core.settings.server_urls import checked_database_url, checked_redis_url
from novel_core.settings.webhook_url import checked_target, signing_key

#: The shortest and the longest time limit of an attempt at a job, in seconds.
MIN_TIMEOUT, MAX_TIMEOUT = 10, 7 * 86_400
PROJECT_URL = "https://github.com/novel-ingestion/novel-ingestion"

# The text of an annotation is the setting's unit.
Seconds = Annotated[PositiveFloat, "seconds"]
NonNegativeSeconds = Annotated[NonNegativeFloat, "seconds"]
Days = Annotated[PositiveFloat, "days"]
Bytes = Annotated[PositiveInt, "bytes"]
Chapters = Annotated[NonNegativeInt, "chapters"]


def _setting(default: object, description: str, example: str, **limits: Any) -> Any:
    """Return a field with its meaning and an example value, as it is written in the environment."""
    return Field(default, description=description, examples=[example], **limits)


class ServerSettings(BaseModel):
    """Servers and data"""

    database_url: Annotated[str, AfterValidator(checked_database_url)] | None = _setting(
        None,
        "PostgreSQL 15 or later. Not set: the embedded server.",
        "postgresql://novel:s3cret@127.0.0.1:5432/novel",
        validation_alias=AliasChoices("DATABASE_URL"),
    )
    redis_url: Annotated[str, AfterValidator(checked_redis_url)] | None = _setting(
        None,
        "Redis 6 or later, or Valkey: `redis://`, `rediss://` (TLS) or `unix://`. Not set: the "
        "embedded server.",
        "redis://:s3cret@127.0.0.1:6379/0",
        validation_alias=AliasChoices("REDIS_URL"),
    )
    data_dir: Path = Field(
        default_factory=partial(platformdirs.user_data_path, "novel-ingestion", appauthor=False),
        description="Folder of the embedded servers' data, their logs and the copies made before "
        "a migration. Not set: the user's data folder, `~/.local/share/novel-ingestion` on Linux.",
        examples=["/srv/novels"],
    )


class PluginSettings(BaseModel):
    """Plugins"""

    disabled_sources: tuple[str, ...] = _setting(
        (), "Names of sources, separated by commas, that are not imported.", "royalroad,ao3"
    )
    strict_plugins: bool = _setting(
        False,
        "Exit with an error when a plugin cannot be loaded, instead of going on without it.",
        "1",
    )


class SourceOverride(BaseModel):
    """The politeness of one source as set for this installation, over what its plugin declares."""

    model_config = ConfigDict(extra="forbid")

    requests_per_second: Annotated[float | None, "requests per second"] = _setting(
        None,
        "Highest rate of requests to the source. 0 means no limit: for look-alikes only. Not set: "
        "the plugin's own rate, 1 unless it declares another.",
        "0.5",
        ge=0,
    )
    jitter: Annotated[float | None, "share, 0 to 1"] = _setting(
        None,
        "Random share by which a gap between two requests is longer. Not set: the plugin's own, "
        "0.2 unless it declares another.",
        "0.5",
        ge=0,
        le=1,
    )
    concurrency: Annotated[int | None, "requests"] = _setting(
        None,
        "Requests to the source in flight at once. Not set: the plugin's own, 4 unless it "
        "declares another.",
        "2",
        ge=1,
        le=64,
    )


class CrawlSettings(BaseModel):
    """Requests to sites"""

    user_agent: str = _setting(
        f"NovelIngestion/0.1 (+{PROJECT_URL})",
        "The `User-Agent` header of every request. Give an address where a site's operator finds "
        "you.",
        "NovelIngestion/0.1 (+https://example.org/about-my-reader)",
        min_length=1,
    )
    sources: dict[str, SourceOverride] = {}
    http_timeout: Seconds = _setting(30.0, "Time limit of one response.", "60")
    retry_times: Annotated[int, "retries"] = _setting(
        3, "Retries of a failed request within one run.", "5", ge=0, le=20
    )
    retry_backoff: NonNegativeSeconds = _setting(
        2.0, "Pause before the first retry of a request; each further pause is twice as long.", "5"
    )
    max_pause: NonNegativeSeconds = _setting(
        120.0,
        "Longest pause requested by a site (`Retry-After`) that a run waits for. With a longer "
        "one the job goes back to the queue until the pause is over.",
        "300",
    )
    max_redirects: Annotated[NonNegativeInt, "redirects"] = _setting(
        5, "Redirects followed for one page.", "10"
    )
    robots_ttl: NonNegativeSeconds = _setting(
        86400.0, "How long a `robots.txt` is kept before it is requested again.", "3600"
    )
    max_page_bytes: Bytes = _setting(16 * 2**20, "Largest page, after decompression.", "33554432")
    max_index_bytes: Bytes = _setting(
        40 * 2**20, "Largest page of a chapter list, after decompression.", "83886080"
    )
    max_image_bytes: Bytes = _setting(20 * 2**20, "Largest image.", "5242880")
    fetch_images: bool = _setting(True, "Archive covers and illustrations.", "0")
    max_images: Annotated[NonNegativeInt, "images"] = _setting(
        5000, "Images kept of one novel. More are left out, and the job says so.", "500"
    )
    max_images_bytes: Annotated[NonNegativeInt, "bytes"] = _setting(
        2**30,
        "Total size of the images kept of one novel. More are left out, and the job says so.",
        "104857600",
    )
    host_map: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="Hosts whose requests go to another server, `host=url` separated by commas: "
        "for tests and look-alikes. Saved URLs and `robots.txt` rules keep the host's own name.",
        examples=["www.example.com=http://127.0.0.1:8001"],
    )
    allow_private_hosts: bool = _setting(
        False, "Allow requests to private and loopback addresses: for tests only.", "1"
    )

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


class JobSettings(BaseModel):
    """Jobs"""

    lease: Seconds = _setting(
        60.0,
        "How long after its last heartbeat the job of a dead process on another machine is taken "
        "over. On the same machine it is taken over at once.",
        "30",
    )
    job_timeout: Annotated[int, "seconds"] = _setting(
        3600,
        "Time limit of one attempt by a worker, and of one job of `novel import`. A worker's job "
        "then goes back to the queue and continues with the next attempt; an import ends.",
        "7200",
        ge=MIN_TIMEOUT,
        le=MAX_TIMEOUT,
    )
    page_timeout: Seconds = _setting(
        60.0,
        "Processor time that parsing a page, and preparing its text, may each take. A slower page "
        "becomes a gap.",
        "120",
    )
    max_failures: Annotated[PositiveInt, "failures"] = _setting(
        8, "Temporary failures before a job is marked as failed.", "3"
    )
    job_backoff: NonNegativeSeconds = _setting(
        30.0,
        "Pause before a failed job is retried; each further pause is twice as long, up to an hour.",
        "60",
    )
    batch_size: Annotated[PositiveInt, "pages or chapters"] = _setting(
        100, "Pages or chapters held in memory at once.", "20"
    )
    reuse_index: NonNegativeSeconds = _setting(
        3600.0,
        "Age up to which a resumed job reuses the novel's archived page instead of requesting it "
        "again.",
        "600",
    )


class WatchSettings(BaseModel):
    """Watched novels"""

    watch_recheck: Chapters = _setting(
        5,
        "Newest chapters that each update of a watched novel downloads again, to find edits.",
        "10",
    )
    watch_rotate: Chapters = _setting(
        5, "Further chapters that each update downloads again: those checked longest ago.", "20"
    )
    watch_open_jobs: Annotated[PositiveInt, "jobs"] = _setting(
        10, "Update jobs of watched novels that are open at once.", "3"
    )


class WebhookSettings(BaseModel):
    """Webhooks"""

    webhook_secret: SecretStr | None = _setting(
        None,
        "Signs the messages: `whsec_` and base64, or any text. Without it no webhook can be used.",
        "whsec_c2VjcmV0",
    )
    webhook_url: str | None = _setting(
        None,
        "Receives the end of every job, in addition to the URL a job was submitted with. Needs "
        "the secret.",
        "https://example.org/hook",
    )

    @field_validator("webhook_secret")
    @classmethod
    def _check_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            signing_key(value.get_secret_value())
        return value

    @field_validator("webhook_url")
    @classmethod
    def _check_url(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Refuse a wrong address, or one without a secret, at the start and not at each job."""
        if value is None:
            return value
        if "webhook_secret" in info.data and info.data["webhook_secret"] is None:
            msg = "NOVEL_WEBHOOK_SECRET must be set too, since every message is signed"
            raise ValueError(msg)
        try:
            return checked_target(value)
        except InvalidUrl as error:
            raise ValueError(error.message) from error


class ApiSettings(BaseModel):
    """HTTP API"""

    api_hosts: Annotated[tuple[str, ...], NoDecode] = _setting(
        (),
        "Host names the API answers to, separated by commas, in addition to `localhost` and the "
        "loopback addresses.",
        "novels.example,10.0.0.7",
    )
    api_trusted_proxies: Annotated[tuple[str, ...], NoDecode] = _setting(
        (),
        "Addresses and networks of proxies, separated by commas, whose `X-Forwarded-For` is "
        "trusted.",
        "127.0.0.1,10.0.0.0/8",
    )
    api_session_secret: SecretStr | None = _setting(
        None,
        "Signs the sessions of the web page. Not set: a file of the data folder. Set the same "
        "value on all machines that serve it.",
        "9f86d081884c7d659a2feaa0c55ad015",
    )
    api_rate_limit: Annotated[NonNegativeInt, "requests per minute"] = _setting(
        600,
        "Highest rate of one API key, or of one address where there are no keys. 0 means no limit.",
        "120",
    )
    api_streams: Annotated[PositiveInt, "streams"] = _setting(
        64, "Event streams each API process serves at once.", "200"
    )
    api_require_keys: bool = _setting(
        False, "Refuse to start the API, and refuse every request, while there is no API key.", "1"
    )
    api_workers: Annotated[int, "processes"] = _setting(
        1, "Processes of `novel api` unless `--workers` is given.", "2", ge=1, le=64
    )

    @field_validator("api_hosts", "api_trusted_proxies", mode="before")
    @classmethod
    def _parse_list(cls, value: object) -> object:
        """`novels.example,10.0.0.7` as a tuple."""
        if not isinstance(value, str):
            return value
        return tuple(filter(None, (part.strip().lower() for part in value.split(","))))

    @field_validator("api_trusted_proxies")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Accept `10.0.0.7` and `10.0.0.0/8`; a name could later resolve to another machine."""
        return tuple(str(ip_network(one, strict=False)) for one in value)


class RetentionSettings(BaseModel):
    """Retention"""

    keep_index_pages: Annotated[PositiveInt, "pages"] = _setting(
        3, "Archived index pages kept of each novel, the newest ones.", "10"
    )
    keep_page_days: Days = _setting(7.0, "How long pages of a failed job are kept.", "30")
    keep_job_days: Days = _setting(
        90.0,
        "How long a job is kept after its end. A job stays while the library holds a text or page "
        "it saved.",
        "365",
    )
    keep_event_days: Days = _setting(90.0, "How long the events of jobs are kept.", "30")


class LogSettings(BaseModel):
    """Logging"""

    log_format: Literal["text", "json"] = _setting(
        "text", "`text`, or `json`: one object per line.", "json"
    )
    log_level: Literal["debug", "info", "warning"] = _setting(
        "info", "Lowest level that is logged; `debug` adds a line for every request.", "debug"
    )


#: Every section in the order of the documentation; the registry reads the plugins' one.
SECTIONS: tuple[type[BaseModel], ...] = (
    ServerSettings,
    CrawlSettings,
    PluginSettings,
    JobSettings,
    WatchSettings,
    WebhookSettings,
    ApiSettings,
    RetentionSettings,
    LogSettings,
)
