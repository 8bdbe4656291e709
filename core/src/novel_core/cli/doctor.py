"""`novel doctor`: problems of this installation, and what to do about them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import click
from sqlalchemy import column, func, select, table, text

from novel_core.archive.origins import pauses
from novel_core.cli.output import json_output, print_json
from novel_core.db import migrate
from novel_core.db.engine import session
from novel_core.db.jobs import JobRow
from novel_core.db.trigrams import use_trigrams
from novel_core.errors import NovelError
from novel_core.plurals import several
from novel_core.registry import Registry, load_registry
from novel_core.runtime import open_database_of, set_options
from novel_core.settings import Settings, load_settings, unknown_variables, variable
from novel_core.settings.sections import source_key
from novel_core.states import TERMINAL

LITTLE_DISK = 2**30
#: The API's own table: its model is a part of novel-api, which need not be installed here.
_KEYS = (
    select(func.count())
    .select_from(table("api_keys", column("revoked_at")))
    .where(column("revoked_at").is_(None))
)
_WAITING = select(func.count()).select_from(JobRow).where(JobRow.status.not_in(list(TERMINAL)))


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; a problem has a hint."""

    subject: str
    ok: bool
    message: str
    hint: str = ""


def _good(subject: str, message: str, hint: str = "") -> Finding:
    return Finding(subject, ok=True, message=message, hint=hint)


def _bad(subject: str, message: str, hint: str) -> Finding:
    return Finding(subject, ok=False, message=message, hint=hint)


def run_checks() -> Iterator[Finding]:
    """The findings of all checks, one by one."""
    version = sys.version.split()[0]
    supported = sys.version_info >= (3, 11)
    yield _good("python", version) if supported else _bad("python", version, "Use 3.11 or newer.")
    try:
        settings = load_settings()
    except NovelError as error:
        yield _bad("settings", error.message, _next(error, "Correct it."))
        return
    yield from _settings()
    yield from _sources(settings)
    yield _disk(settings)
    yield from _database(settings)
    yield from _service(settings)
    for host, target in settings.host_map.items():
        yield _good("host map", f"requests to {host} go to {target}")
    if settings.allow_private_hosts:
        yield _bad(
            "addresses",
            "private addresses may be fetched",
            "Unset NOVEL_ALLOW_PRIVATE_HOSTS outside of tests.",
        )


def _settings() -> Iterator[Finding]:
    unknown = unknown_variables(os.environ)
    for name, meant in unknown.items():
        if meant is None:
            yield _good("settings", f"{name} is not a setting", "It may belong to a plugin.")
        else:
            yield _bad("settings", f"there is no setting {name}", f"Did you mean {meant}?")
    if not any(unknown.values()):
        yield _good("settings", "valid")


def _sources(settings: Settings) -> Iterator[Finding]:
    registry = load_registry()
    yield from _source_settings(settings, registry)
    for entry in (*registry.sources, *registry.listeners):
        subject = f"{entry.kind} {entry.name}"
        if entry.state.is_problem:
            hint = f"Update or remove {entry.package.name}."
            yield _bad(subject, f"{entry.state}: {entry.error}", hint)
        elif entry.sites is not None:
            yield _good(subject, f"{entry.state}, {several(len(entry.sites), 'site')}")
        else:
            yield _good(subject, str(entry.state))
    if not registry.sources:
        yield _bad(
            "sources", "none installed", "Install one, for example: pip install novel-royalroad."
        )


def _source_settings(settings: Settings, registry: Registry) -> Iterator[Finding]:
    """Check the names of sources in the settings, and the options of each."""
    known = {source_key(name): name for name in (*registry.families, *registry.names())}
    for key in settings.sources:
        subject, variable_name = "settings", variable("sources", key)
        if key not in known:
            near = get_close_matches(key, known, n=1)
            message = f"{variable_name} names no installed source"
            if near:
                yield _bad(subject, message, f"Did you mean {variable('sources', near[0])}?")
            else:
                yield _good(subject, message, _SITE_NAMES)
            continue
        family = registry.families.get(known[key])
        try:
            # The settings of a family hold for all of its sites: one shows what is wrong.
            for source in (
                map(family.load, family.sites[:1]) if family else [registry.get(known[key])]
            ):
                set_options(settings, source)
        except NovelError as error:
            yield _bad(subject, error.message, _next(error, "Correct it."))


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    message = f"{free / 2**30:.1f} GiB free at {existing}"
    if free > LITTLE_DISK:
        return _good("disk", message)
    return _bad("disk", message, "Free some space, or move NOVEL_DATA_DIR.")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with open_database_of(settings) as database:
            with session(database) as opened:
                version = opened.execute(text("SHOW server_version")).scalar()
            migrate.require_current(database)
            with session(database) as opened:
                use_trigrams(opened)
                keys = opened.scalar(_KEYS)
                waiting = opened.scalar(_WAITING)
                paused = pauses(opened)
    except NovelError as error:
        otherwise = _SERVER_LOGS if settings.uses_embedded_postgres else "Check DATABASE_URL."
        hint = _next(error, otherwise)
        yield _bad("database", error.message, hint)
        return
    except OSError as error:
        yield _bad("database", str(error), "Check DATABASE_URL.")
        return
    where = "embedded" if settings.uses_embedded_postgres else "DATABASE_URL"
    yield _good("database", f"PostgreSQL {version} ({where})")
    yield _good("jobs", f"{waiting} queued or running")
    for origin, seconds in paused.items():
        yield _good(
            "pause",
            f"{origin} requested a pause; {seconds:,.0f} s are left",
            "`novel sources --lift NAME` ends the pause.",
        )
    if not keys and settings.api_require_keys:
        message = "none, but NOVEL_API_REQUIRE_KEYS is set: the API does not start"
        hint = "Run `novel keys create NAME --scope admin`."
        yield _bad("API keys", message, hint)
        return
    shut = f"{keys} in use" if keys else "none: the API serves this machine only"
    yield _good("API keys", shut)


def _service(settings: Settings) -> Iterator[Finding]:
    """Check the queue and the workers. None running is not a problem: they may start later."""
    from novel_core import services
    from novel_core.queue.connection import connect, count_workers
    from novel_core.queue.server_check import check_server

    url = settings.redis_url or services.status(settings.data_dir).redis_url
    if url is None:
        yield _good("redis", "embedded; started when a queue is needed")
        return
    try:
        with connect(url) as redis:
            version, problems = check_server(redis)
    except NovelError as error:
        hint = "Check REDIS_URL, or unset it for the embedded server."
        yield _bad("redis", error.message, hint)
        return
    where = "REDIS_URL" if settings.redis_url else "embedded"
    for problem in problems:
        yield Finding("redis", ok=not problem.stops, message=problem.message, hint=problem.hint)
    if any(problem.stops for problem in problems):
        return
    message = f"{version} ({where})" if version else f"answers ({where})"
    yield _good("redis", message)
    workers = count_workers(url)
    message = (
        f"they run up to {several(workers, 'job')} at once"
        if workers
        else "no worker is running; queued jobs will wait"
    )
    yield _good("workers", message, "" if workers else _START)


_SITE_NAMES = (
    "It may name a site that was added, or that a family will read: its host and folder, with - for"
    " every dot and slash."
)

_SERVER_LOGS = (
    "See the embedded server's log in `logs` of the data folder, or set DATABASE_URL to another"
    " server."
)


def _next(error: NovelError, otherwise: str) -> str:
    """The error's hint, unless it is to run `novel doctor`."""
    return otherwise if "novel doctor" in error.hint else error.hint


_START = "Start one with `novel worker`; `novel ingest URL` needs none."


@click.command()
@json_output()
def doctor(as_json: bool) -> None:
    """Check Python, settings, plugins, disk, database and Redis; exit code 1 on a problem."""
    findings = []
    for finding in run_checks():
        findings.append(finding)
        if not as_json:
            mark = click.style("ok ", fg="green") if finding.ok else click.style("BAD", fg="red")
            click.echo(f"{mark} {finding.subject}: {finding.message}")
            if finding.hint:
                click.echo(f"    {finding.hint}")
    if as_json:
        print_json(findings)
    sys.exit(0 if all(finding.ok for finding in findings) else 1)
