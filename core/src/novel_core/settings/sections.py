"""The settings by section, each with its meaning, unit and an example.

`docs/configuration.md` is generated from them.
"""

from __future__ import annotations

from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

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


class Section(BaseModel):
    """Settings; the text below each says what it means."""

    # Only the class that has all sections is used, so only that one is built.
    model_config = ConfigDict(defer_build=True)


class ServerSettings(Section):
    """Servers and data"""

    database_url: Annotated[str, AfterValidator(checked_database_url)] | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL"),
        examples=["postgresql://novel:s3cret@127.0.0.1:5432/novel"],
    )
    """PostgreSQL 15 or later. Not set: the embedded server."""
    redis_url: Annotated[str, AfterValidator(checked_redis_url)] | None = Field(
        None,
        validation_alias=AliasChoices("REDIS_URL"),
        examples=["redis://:s3cret@127.0.0.1:6379/0"],
    )
    """Redis 6 or later, or Valkey: `redis://`, `rediss://` (TLS) or `unix://`. Not set: the
    embedded server."""
    data_dir: Path = Field(
        default_factory=partial(platformdirs.user_data_path, "novel-ingestion", appauthor=False),
        examples=["/srv/novels"],
    )
    """Folder of the embedded servers' data, their logs and the copies made before a migration. Not
    set: the user's data folder, `~/.local/share/novel-ingestion` on Linux."""


def source_key(name: str) -> str:
    """The part of a variable's name that stands for the source.

    >>> source_key("forum-example-org")
    'forum_example_org'
    """
    return name.lower().replace("-", "_")


def _with_lower_names(options: dict[str, Any]) -> dict[str, Any]:
    """A variable's name may be in either case."""
    return {name.lower(): value for name, value in options.items()}


class SourceOverride(BaseModel):
    """The settings of one source for this installation, over what its plugin declares."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    requests_per_second: Annotated[float | None, "requests per second"] = Field(
        None, ge=0, examples=["0.5"]
    )
    """`<SOURCE>` is the name of a source or site, with `_` for `-`, as `novel sources` lists it; or
    that of a family, for all of its sites: a site's own settings win. A site that is not listed yet
    is named by its host and folder: `FORUM_EXAMPLE_ORG` is `https://forum.example.org`. Highest rate
    of requests to the source, for each of its rate groups. 0 means no limit: for
    look-alikes only. Not set: the plugin's own rate, 1 unless it declares another. Of sources in one
    rate group, all keep the slowest rate."""
    jitter: Annotated[float | None, "share, 0 to 1"] = Field(None, ge=0, le=1, examples=["0.5"])
    """Random share by which a gap between two requests is longer. Not set: the plugin's own, 0.2
    unless it declares another."""
    concurrency: Annotated[int | None, "requests"] = Field(None, ge=1, le=64, examples=["2"])
    """Requests to the source in flight at once. Not set: the plugin's own, 4 unless it declares
    another."""
    confirm_gates: bool = Field(False, examples=["true"])
    """Confirm what the source's pages ask of a reader before they show a text, as an age. Not set:
    such a page is an error, which says what it asks."""
    options: Annotated[dict[str, Any], AfterValidator(_with_lower_names)] = Field(
        {}, examples=["1"]
    )
    """One of the plugin's own options; `novel sources NAME` lists them. Not set: the option's default."""


class CrawlSettings(Section):
    """Requests to sites"""

    user_agent: str = Field(
        f"NovelIngestion/0.1 (+{PROJECT_URL})",
        min_length=1,
        examples=["NovelIngestion/0.1 (+https://example.org/about-my-reader)"],
    )
    """The `User-Agent` header of every request. Give an address where a site's operator finds
    you."""
    sources: dict[str, SourceOverride] = {}
    http_timeout: Seconds = Field(30.0, examples=["60"])
    """Time limit of one response."""
    retry_times: Annotated[int, "retries"] = Field(3, ge=0, le=20, examples=["5"])
    """Retries of a failed request within one run."""
    retry_backoff: NonNegativeSeconds = Field(2.0, examples=["5"])
    """Pause before the first retry of a request; each further pause is twice as long."""
    max_pause: NonNegativeSeconds = Field(120.0, examples=["300"])
    """Longest pause requested by a site (`Retry-After`) that a run waits for. With a longer one the
    job goes back to the queue until the pause is over."""
    max_redirects: Annotated[NonNegativeInt, "redirects"] = Field(5, examples=["10"])
    """Redirects followed for one page."""
    robots_ttl: NonNegativeSeconds = Field(86400.0, examples=["3600"])
    """How long a `robots.txt` is kept before it is requested again."""
    max_page_bytes: Bytes = Field(16 * 2**20, examples=["33554432"])
    """Largest page, after decompression."""
    max_index_bytes: Bytes = Field(40 * 2**20, examples=["83886080"])
    """Largest page of a chapter list, after decompression."""
    max_image_bytes: Bytes = Field(20 * 2**20, examples=["5242880"])
    """Largest image."""
    fetch_images: bool = Field(True, examples=["0"])
    """Archive covers and illustrations."""
    max_images: Annotated[NonNegativeInt, "images"] = Field(5000, examples=["500"])
    """Images kept of one novel. More are left out, and the job says so."""
    max_images_bytes: Annotated[NonNegativeInt, "bytes"] = Field(2**30, examples=["104857600"])
    """Total size of the images kept of one novel. More are left out, and the job says so."""
    max_walk: Annotated[PositiveInt, "chapters"] = Field(10_000, examples=["500"])
    """Chapters that one job follows from page to page, where a novel has no list. The next update
    goes on."""
    host_map: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict, examples=["www.example.com=http://127.0.0.1:8001"]
    )
    """Hosts whose requests go to another server, `host=url` separated by commas: for tests and
    look-alikes. Saved URLs and `robots.txt` rules keep the host's own name."""
    allow_private_hosts: bool = Field(False, examples=["1"])
    """Allow requests to private and loopback addresses: for tests only."""

    @field_validator("sources", mode="before")
    @classmethod
    def _join_spellings(cls, value: object) -> object:
        """A hyphen of a source's name may be written as `_`: shells refuse it in a variable."""
        if not isinstance(value, dict):
            return value
        spelt = {source_key(str(name)): name for name in value}
        if len(spelt) < len(value):
            twice = sorted(str(name) for name in value if spelt[source_key(str(name))] != name)
            msg = f"{', '.join(twice)} is set in two spellings: use one of them"
            raise ValueError(msg)
        return {key: value[name] for key, name in spelt.items()}

    def source(self, name: str, family: str | None = None) -> SourceOverride:
        """The settings of the source called `name`: a site's own over those of its family."""
        own = self.sources.get(source_key(name)) or SourceOverride()
        shared = self.sources.get(source_key(family)) if family else None
        if shared is None:
            return own
        set_values = {field: getattr(own, field) for field in own.model_fields_set}
        return shared.model_copy(update=set_values | {"options": shared.options | own.options})

    def confirming_gates(self, name: str, family: str | None) -> Self:
        """These settings, with which the gates of the source called `name` are confirmed."""
        allowed = self.source(name, family).model_copy(update={"confirm_gates": True})
        sources = {**self.sources, source_key(name): allowed}
        return self.model_copy(update={"sources": sources})

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


class PluginSettings(Section):
    """Plugins"""

    disabled_sources: tuple[str, ...] = Field((), examples=["royalroad,ao3"])
    """Names of sources, separated by commas, that are not imported."""
    strict_plugins: bool = Field(False, examples=["1"])
    """Exit with an error when a plugin cannot be loaded, instead of going on without it."""


class JobSettings(Section):
    """Jobs"""

    lease: Seconds = Field(60.0, examples=["30"])
    """How long after its last heartbeat the job of a dead process on another machine is taken over.
    On the same machine it is taken over at once."""
    job_timeout: Annotated[int, "seconds"] = Field(
        3600, ge=MIN_TIMEOUT, le=MAX_TIMEOUT, examples=["7200"]
    )
    """Time limit of one attempt by a worker, and of one job of `novel import`. A worker's job then
    goes back to the queue and continues with the next attempt; an import ends."""
    page_timeout: Seconds = Field(60.0, examples=["120"])
    """Processor time that parsing a page, and preparing its text, may each take. A slower page
    becomes a gap."""
    max_failures: Annotated[PositiveInt, "failures"] = Field(8, examples=["3"])
    """Temporary failures before a job is marked as failed."""
    job_backoff: NonNegativeSeconds = Field(30.0, examples=["60"])
    """Pause before a failed job is retried; each further pause is twice as long, up to an hour."""
    process_memory: Bytes = Field(768 * 2**20, examples=["2147483648"])
    """Memory of one process of `novel worker`. With more it hands its jobs back and is started
    again; each of them then runs in a process of its own, since any may be the reason."""
    job_memory: Bytes = Field(512 * 2**20, examples=["1073741824"])
    """Memory of a worker's process that runs one job. With more the job ends, with the error
    `out_of_memory`."""
    batch_size: Annotated[PositiveInt, "pages or chapters"] = Field(100, examples=["20"])
    """Pages or chapters held in memory at once."""
    reuse_index: NonNegativeSeconds = Field(3600.0, examples=["600"])
    """Age up to which a resumed job reuses the novel's archived page instead of requesting it
    again."""


class WatchSettings(Section):
    """Watched novels"""

    watch_recheck: Chapters = Field(5, examples=["10"])
    """Newest chapters that each update of a watched novel downloads again, to find edits."""
    watch_rotate: Chapters = Field(5, examples=["20"])
    """Further chapters that each update downloads again: those checked longest ago."""
    watch_open_jobs: Annotated[PositiveInt, "jobs"] = Field(10, examples=["3"])
    """Update jobs of watched novels that are open at once."""


class WebhookSettings(Section):
    """Webhooks"""

    webhook_secret: SecretStr | None = Field(None, examples=["whsec_c2VjcmV0"])
    """Signs the messages: `whsec_` and base64, or any text. Without it no webhook can be used."""
    webhook_url: str | None = Field(None, examples=["https://example.org/hook"])
    """Receives the end of every job, in addition to the URL a job was submitted with. Needs the
    secret."""

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


class ApiSettings(Section):
    """HTTP API"""

    api_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), examples=["novels.example,10.0.0.7"]
    )
    """Host names the API answers to, separated by commas, in addition to `localhost` and the
    loopback addresses."""
    api_trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), examples=["127.0.0.1,10.0.0.0/8"]
    )
    """Addresses and networks of proxies, separated by commas, whose `X-Forwarded-For` is
    trusted."""
    api_session_secret: SecretStr | None = Field(
        None, examples=["9f86d081884c7d659a2feaa0c55ad015"]
    )
    """Signs the sessions of the web page. Not set: a file of the data folder. Set the same value on
    all machines that serve it."""
    api_rate_limit: Annotated[NonNegativeInt, "requests per minute"] = Field(600, examples=["120"])
    """Highest rate of one API key, or of one address where there are no keys. 0 means no limit."""
    api_streams: Annotated[PositiveInt, "streams"] = Field(64, examples=["200"])
    """Event streams each API process serves at once."""
    api_require_keys: bool = Field(False, examples=["1"])
    """Refuse to start the API, and refuse every request, while there is no API key."""
    api_workers: Annotated[int, "processes"] = Field(1, ge=1, le=64, examples=["2"])
    """Processes of `novel api` unless `--workers` is given."""

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


class RetentionSettings(Section):
    """Retention"""

    keep_index_pages: Annotated[PositiveInt, "pages"] = Field(3, examples=["10"])
    """Archived index pages kept of each novel, the newest ones."""
    keep_page_days: Days = Field(7.0, examples=["30"])
    """How long pages of a failed job are kept."""
    keep_job_days: Days = Field(90.0, examples=["365"])
    """How long a job is kept after its end. A job stays while the library holds a text or page it
    saved."""
    keep_event_days: Days = Field(90.0, examples=["30"])
    """How long the events of jobs are kept."""


class LogSettings(Section):
    """Logging"""

    log_format: Literal["text", "json"] = Field("text", examples=["json"])
    """`text`, or `json`: one object per line."""
    log_level: Literal["debug", "info", "warning"] = Field("info", examples=["debug"])
    """Lowest level that is logged; `debug` adds a line for every request."""


#: Every section in the order of the documentation; the registry reads the plugins' one.
SECTIONS = tuple(Section.__subclasses__())
