"""What all commands print alike: JSON, times, and errors as JSON."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

import click

from novel_core.errors import NovelError

F = TypeVar("F", bound=Callable[..., Any])

PLAIN_WIDTH = 240

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of text."
)


#: What a terminal would obey instead of showing it; titles and texts come from anybody.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """`text` without control characters, line breaks and tabs excepted."""
    return _CONTROLS.sub("", text)


def say(text: str = "", *, err: bool = False, bold: bool = False) -> None:
    """Print text that may hold a site's words."""
    click.secho(printable(text), err=err, bold=bold or None)


def settle_streams() -> None:
    """A character the terminal's encoding lacks is printed as a question mark, not as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def print_json(value: object) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    few_letters = encoding.lower().replace("-", "") != "utf8"
    click.echo(json.dumps(value, default=_plain, ensure_ascii=few_letters, indent=2))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table as wide as the terminal; where there is none, no cell is cut."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        # As text: a title is no markup.
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH).print(table)


def moment(value: datetime | None) -> str:
    """A time for a person: local, to the minute."""
    return value.astimezone().strftime("%Y-%m-%d %H:%M") if value else "-"


def errors_as_json(blank: Mapping[str, Any] | None = None) -> Callable[[F], F]:
    """With `--json`, a NovelError too is one JSON object on standard output; the exit code is its own.

    `blank` are the fields of the command's usual object, as they are when nothing came of it.
    """

    def decorate(command: F) -> F:
        @wraps(command)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            try:
                return command(*args, **kwargs)
            except NovelError as error:
                if not kwargs.get("as_json"):
                    raise
                told = {
                    "error_code": error.code,
                    "error_message": error.message,
                    "hint": error.hint,
                }
                print_json({**(blank or {}), **told})
                sys.exit(error.exit_code)

        return wrapped  # type: ignore[return-value]

    return decorate
