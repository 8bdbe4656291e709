"""The settings by section, each with its meaning, unit and an example.

`docs/configuration.md` is generated from them.
"""

from __future__ import annotations

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
Seconds = Annotated[float, "seconds"]
Days = Annotated[float, "days"]
Bytes = Annotated[int, "bytes"]
Chapters = Annotated[int, "chapters"]


class ServerSettings(BaseModel):
    """Servers and data"""

    database_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL"),
        description="PostgreSQL 15 or later. Not set: the embedded server.",
        examples=["postgresql://novel:s3cret@127.0.0.1:5432/novel"],
    )
    redis_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("REDIS_URL"),
        description="Redis 6 or later, or Valkey: `redis://`, `rediss://` (TLS) or `unix://`. "
        "Not set: the embedded server.",
        examples=["redis://:s3cret@127.0.0.1:6379/0"],
    )
    data_dir: Path = Field(
        default_factory=lambda: Path(
            platformdirs.user_data_dir("novel-ingestion", appauthor=False)
        ),
        description="Folder of the embedded servers' data, their logs and the copies made before "
        "a migration. Not set: the user's data folder, `~/.local/share/novel-ingestion` on Linux.",
        examples=["/srv/novels"],
    )

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str | None) -> str | None:
        return value and checked_database_url(value)

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, value: str | None) -> str | None:
        return value and checked_redis_url(value)


class PluginSettings(BaseModel):
    """Plugins"""

    disabled_sources: tuple[str, ...] = Field(
        default=(),
        description="Names of sources, separated by commas, that are not imported.",
        examples=["royalroad,ao3"],
    )
    strict_plugins: bool = Field(
        default=False,
        description="Exit with an error when a plugin cannot be loaded, instead of going on "
        "without it.",
        examples=["1"],
    )


class SourceOverride(BaseModel):
    """The politeness of one source as set for this installation, over what its plugin declares."""

    model_config = ConfigDict(extra="forbid")

    requests_per_second: Annotated[float | None, "requests per second"] = Field(
        default=None,
        ge=0,
        description="Highest rate of requests to the source. 0 means no limit: for look-alikes "
        "only. Not set: the plugin's own rate, 1 unless it declares another.",
        examples=["0.5"],
    )
    jitter: Annotated[float | None, "share, 0 to 1"] = Field(
        default=None,
        ge=0,
        le=1,
        description="Random share by which a gap between two requests is longer. Not set: the "
        "plugin's own, 0.2 unless it declares another.",
        examples=["0.5"],
    )
    concurrency: Annotated[int | None, "requests"] = Field(
        default=None,
        ge=1,
        le=64,
        description="Requests to the source in flight at once. Not set: the plugin's own, 4 "
        "unless it declares another.",
        examples=["2"],
    )


class CrawlSettings(BaseModel):
    """Requests to sites"""

    user_agent: str = Field(
        default=f"NovelIngestion/0.1 (+{PROJECT_URL})",
        min_length=1,
        description="The `User-Agent` header of every request. Give an address where a site's "
        "operator finds you.",
        examples=["NovelIngestion/0.1 (+https://example.org/about-my-reader)"],
    )
    sources: dict[str, SourceOverride] = Field(default_factory=dict)
    http_timeout: Seconds = Field(
        default=30.0, gt=0, description="Time limit of one response.", examples=["60"]
    )
    retry_times: Annotated[int, "retries"] = Field(
        default=3,
        ge=0,
        le=20,
        description="Retries of a failed request within one run.",
        examples=["5"],
    )
    retry_backoff: Seconds = Field(
        default=2.0,
        ge=0,
        description="Pause before the first retry of a request; each further pause is twice as "
        "long.",
        examples=["5"],
    )
    max_pause: Seconds = Field(
        default=120.0,
        ge=0,
        description="Longest pause requested by a site (`Retry-After`) that a run waits for. "
        "With a longer one the job goes back to the queue until the pause is over.",
        examples=["300"],
    )
    max_redirects: Annotated[int, "redirects"] = Field(
        default=5, ge=0, description="Redirects followed for one page.", examples=["10"]
    )
    robots_ttl: Seconds = Field(
        default=86400.0,
        ge=0,
        description="How long a `robots.txt` is kept before it is requested again.",
        examples=["3600"],
    )
    max_page_bytes: Bytes = Field(
        default=16 * 2**20,
        gt=0,
        description="Largest page, after decompression.",
        examples=["33554432"],
    )
    max_index_bytes: Bytes = Field(
        default=40 * 2**20,
        gt=0,
        description="Largest page of a chapter list, after decompression.",
        examples=["83886080"],
    )
    max_image_bytes: Bytes = Field(
        default=20 * 2**20, gt=0, description="Largest image.", examples=["5242880"]
    )
    fetch_images: bool = Field(
        default=True, description="Archive covers and illustrations.", examples=["0"]
    )
    max_images: Annotated[int, "images"] = Field(
        default=5000,
        ge=0,
        description="Images kept of one novel. More are left out, and the job says so.",
        examples=["500"],
    )
    max_images_bytes: Bytes = Field(
        default=2**30,
        ge=0,
        description="Total size of the images kept of one novel. More are left out, and the job "
        "says so.",
        examples=["104857600"],
    )
    host_map: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="Hosts whose requests go to another server, `host=url` separated by commas: "
        "for tests and look-alikes. Saved URLs and `robots.txt` rules keep the host's own name.",
        examples=["www.example.com=http://127.0.0.1:8001"],
    )
    allow_private_hosts: bool = Field(
        default=False,
        description="Allow requests to private and loopback addresses: for tests only.",
        examples=["1"],
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

    lease: Seconds = Field(
        default=60.0,
        gt=0,
        description="How long after its last heartbeat the job of a dead process on another "
        "machine is taken over. On the same machine it is taken over at once.",
        examples=["30"],
    )
    job_timeout: Annotated[int, "seconds"] = Field(
        default=3600,
        ge=MIN_TIMEOUT,
        le=MAX_TIMEOUT,
        description="Time limit of one attempt by a worker, and of one job of `novel import`. A "
        "worker's job then goes back to the queue and continues with the next attempt; an import "
        "ends.",
        examples=["7200"],
    )
    page_timeout: Seconds = Field(
        default=60.0,
        gt=0,
        description="Processor time that parsing a page, and preparing its text, may each take. "
        "A slower page becomes a gap.",
        examples=["120"],
    )
    max_failures: Annotated[int, "failures"] = Field(
        default=8,
        ge=1,
        description="Temporary failures before a job is marked as failed.",
        examples=["3"],
    )
    job_backoff: Seconds = Field(
        default=30.0,
        ge=0,
        description="Pause before a failed job is retried; each further pause is twice as long, "
        "up to an hour.",
        examples=["60"],
    )
    batch_size: Annotated[int, "pages or chapters"] = Field(
        default=100,
        ge=1,
        description="Pages or chapters held in memory at once.",
        examples=["20"],
    )
    reuse_index: Seconds = Field(
        default=3600.0,
        ge=0,
        description="Age up to which a resumed job reuses the novel's archived page instead of "
        "requesting it again.",
        examples=["600"],
    )


class WatchSettings(BaseModel):
    """Watched novels"""

    watch_recheck: Chapters = Field(
        default=5,
        ge=0,
        description="Newest chapters that each update of a watched novel downloads again, to "
        "find edits.",
        examples=["10"],
    )
    watch_rotate: Chapters = Field(
        default=5,
        ge=0,
        description="Further chapters that each update downloads again: those checked longest ago.",
        examples=["20"],
    )
    watch_open_jobs: Annotated[int, "jobs"] = Field(
        default=10,
        ge=1,
        description="Update jobs of watched novels that are open at once.",
        examples=["3"],
    )


class WebhookSettings(BaseModel):
    """Webhooks"""

    webhook_secret: SecretStr | None = Field(
        default=None,
        description="Signs the messages: `whsec_` and base64, or any text. Without it no webhook "
        "can be used.",
        examples=["whsec_c2VjcmV0"],
    )
    webhook_url: str | None = Field(
        default=None,
        description="Receives the end of every job, in addition to the URL a job was submitted "
        "with. Needs the secret.",
        examples=["https://example.org/hook"],
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

    api_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Host names the API answers to, separated by commas, in addition to "
        "`localhost` and the loopback addresses.",
        examples=["novels.example,10.0.0.7"],
    )
    api_trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses and networks of proxies, separated by commas, whose "
        "`X-Forwarded-For` is trusted.",
        examples=["127.0.0.1,10.0.0.0/8"],
    )
    api_session_secret: SecretStr | None = Field(
        default=None,
        description="Signs the sessions of the web page. Not set: a file of the data folder. Set "
        "the same value on all machines that serve it.",
        examples=["9f86d081884c7d659a2feaa0c55ad015"],
    )
    api_rate_limit: Annotated[int, "requests per minute"] = Field(
        default=600,
        ge=0,
        description="Highest rate of one API key, or of one address where there are no keys. 0 "
        "means no limit.",
        examples=["120"],
    )
    api_streams: Annotated[int, "streams"] = Field(
        default=64,
        ge=1,
        description="Event streams each API process serves at once.",
        examples=["200"],
    )
    api_require_keys: bool = Field(
        default=False,
        description="Refuse to start the API, and refuse every request, while there is no API key.",
        examples=["1"],
    )
    api_workers: Annotated[int, "processes"] = Field(
        default=1,
        ge=1,
        le=64,
        description="Processes of `novel api` unless `--workers` is given.",
        examples=["2"],
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

    keep_index_pages: Annotated[int, "pages"] = Field(
        default=3,
        ge=1,
        description="Archived index pages kept of each novel, the newest ones.",
        examples=["10"],
    )
    keep_page_days: Days = Field(
        default=7.0, gt=0, description="How long pages of a failed job are kept.", examples=["30"]
    )
    keep_job_days: Days = Field(
        default=90.0,
        gt=0,
        description="How long a job is kept after its end. A job stays while the library holds a "
        "text or page it saved.",
        examples=["365"],
    )
    keep_event_days: Days = Field(
        default=90.0, gt=0, description="How long the events of jobs are kept.", examples=["30"]
    )


class LogSettings(BaseModel):
    """Logging"""

    log_format: Literal["text", "json"] = Field(
        default="text",
        description="`text`, or `json`: one object per line.",
        examples=["json"],
    )
    log_level: Literal["debug", "info", "warning"] = Field(
        default="info",
        description="Lowest level that is logged; `debug` adds a line for every request.",
        examples=["debug"],
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
