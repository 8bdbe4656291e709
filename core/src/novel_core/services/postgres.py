"""The recipe to run PostgreSQL; its cluster is made whole or not at all."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from novel_core.errors import ServiceError
from novel_core.services.account import account_for, caller_names, runnable
from novel_core.services.binaries import postgres_program
from novel_core.services.layout import DATABASE, POSTGRES_SOCKET, ROLE
from novel_core.services.orphans import processes_in
from novel_core.services.process import Recipe, run_once
from novel_core.services.start_errors import describe_os_error, failed_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from novel_core.services.account import Account
    from novel_core.services.binaries import Program
    from novel_core.services.layout import Layout

_BUILTIN_LOCALES = 17
# A locale of letters beyond ASCII, which ILIKE needs; C.UTF-8 sorts alike on every system.
_BUILTIN = (("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),)
_OLDER = (("--locale=C.UTF-8",), ("--locale=C", "--locale-provider=icu", "--icu-locale=und"))
_OPTIONS = {
    "listen_addresses": "",
    # The cluster itself, which PostgreSQL keeps at 0700.
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "logging_collector": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def postgres_recipe(layout: Layout, *, durable: bool) -> Recipe:
    """The recipe to run the cluster, which is made if there is none."""
    program = postgres_program(layout.versions("pg"))
    cluster = layout.root / program.label
    account = account_for(cluster)
    path = runnable(program, account)
    if not (cluster / "PG_VERSION").exists():
        _make_cluster(layout, program, path, account, durable=durable)
    _write_access_rules(cluster, account)
    # Kept open while the guard runs: it may have to restart the server.
    place = account.open(cluster)
    options = _OPTIONS | ({} if durable else _THROW_AWAY)
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return Recipe(
        name="postgres",
        title=program.title,
        directory=cluster,
        command=(str(path), "-D", place.name, *settings),
        account=account,
        cwd=Path("/"),
        descriptors=place.descriptors,
        tidy=lambda: _remove_stale_locks(cluster),
        ready=lambda pid: _is_ready(cluster, pid),
        # A fast shutdown for durable data, an immediate one for throw-away data.
        stop_signals=(signal.SIGINT, signal.SIGQUIT) if durable else (signal.SIGQUIT,),
        lock=layout.root / f"{program.label}.lock",
        log=layout.log("postgres"),
    )


def _make_cluster(
    layout: Layout, program: Program, path: Path, account: Account, *, durable: bool
) -> None:
    """Make the cluster under another name, then rename it, so that no half of it is ever used."""
    cluster = layout.root / program.label
    if cluster.exists() and any(cluster.iterdir()):
        raise ServiceError(
            f"{cluster} is not empty, and not a data directory of PostgreSQL.",
            hint="Move it away, or set NOVEL_DATA_DIR to another directory.",
        )
    for leftover in layout.root.glob(f"{program.label}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    output = ""
    for locale in _BUILTIN if program.major >= _BUILTIN_LOCALES else _OLDER:
        half = Path(tempfile.mkdtemp(prefix=f"{program.label}.new-", dir=layout.root))
        try:
            account.own(half)
            succeeded, output = _initialise(half, path, account, locale, durable=durable)
            if succeeded:
                half.rename(cluster)
                if durable:
                    _sync(layout.root)
                return
        except OSError as error:
            raise ServiceError(
                f"{program.title} cannot be set up in {layout.root}: {describe_os_error(error)}."
            ) from error
        finally:
            shutil.rmtree(half, ignore_errors=True)
    log = layout.log("postgres")
    with log.open("a") as stream:
        stream.write(output)
    raise failed_start(program.title, output, log)


def _initialise(
    cluster: Path, program: Path, account: Account, locale: Sequence[str], *, durable: bool
) -> tuple[bool, str]:
    place = account.open(cluster)
    run = partial(run_once, descriptors=place.descriptors, account=account)
    try:
        made = run(
            [
                *(str(program.with_name("initdb")), "-D", place.name, "-U", ROLE),
                *("--encoding=UTF8", "--auth-local=peer", "--auth-host=reject"),
                *("--no-instructions", *locale),
                *(() if durable else ("--no-sync",)),
            ]
        )
        if made.returncode != 0:
            return False, made.stdout
        # In single-user mode: the database exists before the server accepts connections.
        sync = f"fsync={'on' if durable else 'off'}"
        named = run(
            [
                *(str(program), "--single", "-D", place.name, "-c", "exit_on_error=true"),
                *("-c", sync, "template1"),
            ],
            typed=f"CREATE DATABASE {DATABASE};\n",
        )
        return named.returncode == 0, made.stdout + named.stdout
    finally:
        place.close()


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_access_rules(cluster: Path, account: Account) -> None:
    """Allow this process' account only, identified by the kernel (peer), without a password.

    Written at each start, since the account may have changed.
    """
    names = "".join(f'{ROLE} "{name}" {ROLE}\n' for name in caller_names())
    rules = {"pg_hba.conf": f"local all {ROLE} peer map={ROLE}\n", "pg_ident.conf": names}
    for name, text in rules.items():
        path = cluster / name
        if path.exists() and path.read_text() == text:
            continue
        new = cluster / f"{name}.new"
        new.unlink(missing_ok=True)
        # Exclusive, and owned through the descriptor: as root, never follow a link of the account.
        with new.open("x") as stream:
            os.fchmod(stream.fileno(), 0o600)
            if account.changed:
                os.fchown(stream.fileno(), account.uid, account.gid)
            stream.write(text)
        new.replace(path)


def _remove_stale_locks(cluster: Path) -> None:
    """Remove a crashed server's pid file: its number may now belong to another process."""
    pid_file = cluster / "postmaster.pid"
    if pid_file.exists() and not processes_in(cluster):
        pid_file.unlink(missing_ok=True)
        (cluster / f"{POSTGRES_SOCKET}.lock").unlink(missing_ok=True)


def _is_ready(cluster: Path, pid: int) -> bool:
    """Whether the pid file says so in line 8, which pg_ctl reads too."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return lines[:1] == [str(pid)] and [line.strip() for line in lines[7:8]] == ["ready"]
