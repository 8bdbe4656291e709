"""`novel keys`: create, list and revoke API keys."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from novel_api.keys import ApiKey, Scope, create_key, list_keys, revoke_key
from novel_core.cli.output import (
    json_output,
    moment,
    print_json,
    print_table,
    say,
)
from novel_core.db.jobs import JobRow
from novel_core.errors import UsageError


@contextmanager
def _opened(*, migrating: bool = False) -> Iterator[Session]:
    from novel_core.db import migrate
    from novel_core.db.engine import session
    from novel_core.runtime import open_database_of
    from novel_core.settings import load_settings

    with open_database_of(load_settings(), migrating=migrating) as database:
        migrate.require_current(database)
        with session(database) as opened:
            yield opened


@click.group()
def keys() -> None:
    """Manage API keys. Once there is a key, every request needs one."""


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([str(scope) for scope in Scope]),
    multiple=True,
    required=True,
    help="What the key allows; repeatable. ingest includes read, admin includes everything.",
)
@click.option(
    "--if-none", is_flag=True, help="Do nothing if there is any key already, even a revoked one."
)
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the secret to this new file, readable only by you, instead of printing it.",
)
@json_output({"created": False, "key": None, "secret": None, "database": None})
def create(
    name: str, scopes: Sequence[str], if_none: bool, path: Path | None, as_json: bool
) -> None:
    """Create a key and print its secret. It is shown only once; a digest of it is kept."""
    if not name.strip() or not name.isprintable():
        raise UsageError("A key needs a name that can be printed.")
    with _opened(migrating=True) as opened:
        where = _place(opened)
        made = create_key(opened, name, scopes, if_none=if_none)
        if made is not None and path is not None:
            # Before the commit: a key whose secret was not written is not created.
            _write(path, made[1])
    if as_json:
        key, secret = made or (None, None)
        shown = None if path else secret
        print_json(
            {"created": made is not None, "key": _plain(key), "secret": shown, "database": where}
        )
    elif made is None:
        say("There is a key already; no key was created.", err=True)
    elif path is not None:
        say(f"The secret of {name} is in {path}.", err=True)
    else:
        click.echo(made[1])
        say("Store it now: it is not shown again.", err=True)
    if made is not None and not as_json:
        say(f"It is a key for {where}.", err=True)


def _place(opened: Session) -> str:
    """Return the name of the database: a key works only for an API with the same one."""
    from novel_core.settings import load_settings
    from novel_core.settings.server_urls import without_password

    settings = load_settings()
    if settings.database_url is not None:
        return f"the database {without_password(settings.database_url)}"
    is_new = opened.scalar(select(~exists().where(JobRow.id > 0)))
    empty = ", which holds no job yet" if is_new else ""
    return f"the embedded database in {settings.data_dir}{empty}: DATABASE_URL is not set here"


def _write(path: Path, secret: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.",
            hint="Name a file that is not there yet.",
        ) from error


@keys.command("list")
@json_output()
def list_(as_json: bool) -> None:
    """List the keys, including revoked ones."""
    with _opened() as opened:
        found = list_keys(opened)
    if as_json:
        print_json([_plain(key) for key in found])
    elif not found:
        say(
            "There are no keys: the API serves everybody on this machine, and no other machine.",
            err=True,
        )
    else:
        print_table(("name", "key", "scopes", "created", "last used", "revoked"), map(_row, found))


@keys.command()
@click.argument("key")
@json_output()
def revoke(key: str, as_json: bool) -> None:
    """Revoke the key with this name or prefix. It stops working within seconds."""
    with _opened(migrating=True) as opened:
        revoked = revoke_key(opened, key)
    if as_json:
        print_json(_plain(revoked))
    else:
        say(f"{revoked.name} ({revoked.prefix}…) is revoked.", err=True)


def _plain(key: ApiKey | None) -> dict[str, object] | None:
    return dataclasses.asdict(key) if key else None


def _row(key: ApiKey) -> tuple[str, ...]:
    times = (key.created_at, key.last_used_at, key.revoked_at)
    return (key.name, f"{key.prefix}…", ", ".join(key.scopes), *map(moment, times))
