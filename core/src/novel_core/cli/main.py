"""The command group: names and one-line helps; each command's module is imported to run it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from novel_core.cli.companions import COMPANIONS, needs_package
from novel_core.cli.output import replace_unencodable, say_error
from novel_core.errors import InvalidSetting, NovelError, UsageError
from novel_core.version import __version__

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP = "novel.commands"

#: name -> (module:attribute in this package, one-line help)
COMMANDS = {
    "ingest": ("ingest:ingest", "Fetch a novel from its URL and save it."),
    "novels": ("novels:novels", "List the novels of the library."),
    "show": ("novels:show", "Show a novel and its chapters."),
    "read": ("read:read", "Print a chapter."),
    "export": ("export:export", "Write a novel to a file: EPUB, HTML, text, WARC."),
    "remove": ("novels:remove", "Delete a novel with its archive."),
    "reparse": ("reparse:reparse", "Rebuild novels from the archive, offline."),
    "jobs": ("jobs:jobs", "List jobs."),
    "job": ("jobs:job", "Show a job, what it did and what it could not fetch."),
    "up": ("up:up", "Run the whole service on this machine."),
    "cancel": ("jobs:cancel", "Cancel a job."),
    "retry": ("jobs:retry", "Queue a failed job again."),
    "watch": ("watch:watch", "Novels that are updated automatically."),
    "process-queue": (
        "process_queue:process_queue",
        "Run maintenance once: recover, push, update, deliver.",
    ),
    "sites": ("sites:sites", "Sites added by their software, with proof."),
    "sources": ("sources:sources", "List the installed sources."),
    "record": ("record:record", "Record a site's pages for a plugin's tests."),
    "check": ("check:check", "Check whether sources still read their sites."),
    "try": ("try_plugin:try_plugin", "Run a plugin under development once."),
    "services": ("services:services", "The embedded PostgreSQL and Valkey."),
    "db": ("database:db", "The database's schema and upkeep."),
    "import": ("import_warc:import_warc_command", "Save the novels of a WARC file."),
    "backup": ("backup:backup", "Write the whole library to one file."),
    "restore": ("backup:restore", "Restore a library from a backup."),
    "new": ("new:new", "Create a source plugin project."),
    "doctor": ("doctor:doctor", "Check this installation; say what to do about problems."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [*COMMANDS, *sorted(_plugged_in().keys() - COMMANDS.keys())]

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name][0].partition(":")
            command = getattr(import_module(f"novel_core.cli.{module}"), attribute)
        else:
            point = _plugged_in().get(cmd_name)
            if point is None and cmd_name in COMPANIONS:
                raise needs_package(cmd_name, COMPANIONS[cmd_name][0])
            command = point.load() if point else None
        return cast("click.Command | None", command)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        rows = [(name, text) for name, (_, text) in COMMANDS.items()]
        rows += [
            (name, _help_of(point))
            for name, point in sorted(_plugged_in().items())
            if name not in COMMANDS
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _help_of(point: EntryPoint) -> str:
    package = point.dist.name if point.dist else ""
    companion, text = COMPANIONS.get(point.name, ("", ""))
    return text if package == companion else f"(from {package})"


def _plugged_in() -> dict[str, EntryPoint]:
    # Here, because the commands of this package do not need the metadata of all that is installed.
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="novel")
def cli() -> None:
    """Bring web novels home: politely, completely, with every revision.

    Start with `novel sources`, then `novel ingest URL`.
    """


def load_environment() -> None:
    """Read settings from `.env` in the current folder; the environment wins."""
    if Path(".env").is_file():
        from dotenv import load_dotenv

        try:
            load_dotenv(".env")
        except (OSError, ValueError) as error:
            raise InvalidSetting(f"The file .env cannot be read: {error}") from error


def _check_arguments(arguments: Sequence[str]) -> None:
    """Refuse arguments that are not text, which Python has as lone surrogates."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            raise UsageError(
                "An argument is not text in the terminal's encoding.", hint="Type it again."
            ) from error


def main() -> None:
    """Entry point of the `novel` script."""
    run_command(cli)


def run_command(command: click.Command) -> None:
    """Run a command; print a NovelError as one line and a hint, and exit with its code."""
    replace_unencodable()
    try:
        load_environment()
        _check_arguments(sys.argv)
        command()
    except NovelError as error:
        say_error(error.message, error.hint)
        sys.exit(error.exit_code)
