"""What all commands print alike: JSON, times, and errors as JSON."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from novel_core.atomic_write import new_file
from novel_core.content.control_characters import escaped, printable
from novel_core.errors import FileUnusable, NovelError

F = TypeVar("F", bound=Callable[..., Any])

PLAIN_WIDTH = 240
STANDARD_OUTPUT = Path("-")
#: Wider than any table, and the margin of a row that is several lines.
_ENDLESS, _INDENT = 100_000, "    "

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of text."
)


def say(text: str = "", *, err: bool = False, bold: bool = False) -> None:
    """Print text that may hold a site's words."""
    click.secho(printable(text), err=err, bold=bold or None)


@contextmanager
def output_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """What a command writes its result to: a new file, or standard output where the path is `-`."""
    if path != STANDARD_OUTPUT:
        with new_file(path, replace=force) as target:
            yield target
        return
    stream = sys.stdout.buffer
    try:
        yield stream
        stream.flush()
    except BrokenPipeError as error:
        # Nobody reads on; what Python still holds for them must not be written at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise FileUnusable("Standard output was closed before all was written.") from error


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
    click.echo(escaped(json.dumps(value, default=_plain, ensure_ascii=few_letters, indent=2)))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table; where the terminal is narrower than that, a few lines for each row. Where there is none, no cell is cut."""
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    shown = [[printable(cell) for cell in row] for row in rows]
    for row in shown:
        table.add_row(*map(Text, row))  # as text: a title is no markup
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    endless = console.options.update(max_width=_ENDLESS)
    if Measurement.get(console, endless, table).maximum <= console.width or not sys.stdout.isatty():
        console.print(table)
        return
    for row in shown:
        for line in _block(columns, row, console.width):
            console.print(Text(line))


def _block(columns: Sequence[str], row: Sequence[str], width: int) -> Iterator[str]:
    """A row as lines of so many cells: what it is about, and the rest with the names of the columns."""
    from novel_core.content.layout import wrap

    yield from wrap("  ".join(row[:2]), width)
    told = [f"{name}:\u00a0{cell}" for name, cell in zip(columns[2:], row[2:], strict=True) if cell]
    for line in wrap("  ".join(told), width - len(_INDENT)):
        yield _INDENT + line.replace("\u00a0", " ")


def moment(value: datetime | None) -> str:
    """A time for a person: local, to the minute, with its zone."""
    return value.astimezone().strftime("%Y-%m-%d %H:%M %Z") if value else "-"


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
