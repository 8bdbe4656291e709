"""Output that all commands share: text, JSON, tables, times, and errors as JSON."""

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
T = TypeVar("T")

STANDARD_OUTPUT = Path("-")
#: Wider than any table, and the margin of a row that is several lines.
_ENDLESS, _INDENT = 100_000, "    "


def say(text: str = "", *, err: bool = False, bold: bool = False) -> None:
    """Print text that may quote a site, without control characters."""
    click.secho(printable(text), err=err, bold=bold or None)


@contextmanager
def output_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """The file for a command's result: a new one, or standard output where the path is `-`."""
    if path != STANDARD_OUTPUT:
        with new_file(path, replace=force) as target:
            yield target
        return
    stream = sys.stdout.buffer
    try:
        yield stream
        stream.flush()
    except BrokenPipeError as error:
        # The reader has gone: Python must not flush its buffer to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise FileUnusable("Standard output was closed before all was written.") from error


def say_error(message: str | None, hint: str | None) -> None:
    """Print an error as one line, and its hint."""
    say(f"novel: {message}", err=True)
    if hint:
        say(f"  {hint}", err=True)


def replace_unencodable() -> None:
    """Print a question mark for each character that the terminal's encoding lacks."""
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


def print_either(value: object, text: str, *, as_json: bool, err: bool = False) -> None:
    """Print the value as JSON, or else the text."""
    if as_json:
        print_json(value)
    else:
        say(text, err=err)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table, or a few lines per row where the terminal is too narrow for it.

    Without a terminal each row is one line, and no cell is cut.
    """
    shown = [[printable(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in _lines([columns, *shown]):
            click.echo(line)
        return
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in shown:
        # As Text: a title is not markup.
        table.add_row(*map(Text, row))
    console = Console()
    endless = console.options.update(max_width=_ENDLESS)
    if Measurement.get(console, endless, table).maximum <= console.width:
        console.print(table)
        return
    for row in shown:
        for line in _block(columns, row, console.width):
            console.print(Text(line))


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows in columns, each as wide as its longest cell."""
    from rich.cells import cell_len

    lines = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = zip(line, widths, strict=True)
        yield "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in cells).rstrip()


def print_list(
    found: Sequence[T], columns: Mapping[str, Callable[[T], str]], *, as_json: bool, empty: str
) -> None:
    """Print what was found as JSON or as a table; `empty` is the text where it is nothing."""
    if as_json:
        print_json(found)
    elif found:
        print_table([*columns], ([cell(one) for cell in columns.values()] for one in found))
    else:
        say(empty)


def _block(columns: Sequence[str], row: Sequence[str], width: int) -> Iterator[str]:
    """A row as lines of at most `width` columns: two cells, then the others with their names."""
    from novel_core.content.layout import wrap

    yield from wrap("  ".join(row[:2]), width)
    named = [
        f"{name}:\u00a0{cell}" for name, cell in zip(columns[2:], row[2:], strict=True) if cell
    ]
    for line in wrap("  ".join(named), width - len(_INDENT)):
        yield _INDENT + line.replace("\u00a0", " ")


def numbers(statistics: Mapping[str, Any]) -> list[str]:
    """The statistics of a novel or a chapter as lines, without its scores.

    >>> numbers({"words": 1234, "average_views": 7, "other": {"kudos": 5}, "scores": {"style": 4.5}})
    ['words 1,234', 'average views 7', 'kudos 5']
    """
    named = {**statistics, **(statistics.get("other") or {})}
    return [
        f"{name.replace('_', ' ')} {value:,}"
        for name, value in named.items()
        if isinstance(value, int | float)
    ]


def moment(value: datetime | None) -> str:
    """A time for a person: local, to the minute, with its zone."""
    return value.astimezone().strftime("%Y-%m-%d %H:%M %Z") if value else "-"


def json_output(blank: Mapping[str, Any] | None = None) -> Callable[[F], F]:
    """Give a command the option `--json`, with which a NovelError too is printed as one object.

    `blank` has the fields of the command's usual object, with the values of an empty result.
    """

    def decorate(command: F) -> F:
        @wraps(command)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            try:
                return command(*args, **kwargs)
            except NovelError as error:
                if not kwargs.get("as_json"):
                    raise
                problem = {
                    "error_code": error.code,
                    "error_message": error.message,
                    "hint": error.hint,
                }
                print_json({**(blank or {}), **problem})
                sys.exit(error.exit_code)

        help_text = "Print one JSON document instead of text."
        return click.option("--json", "as_json", is_flag=True, help=help_text)(wrapped)  # type: ignore[return-value]

    return decorate
