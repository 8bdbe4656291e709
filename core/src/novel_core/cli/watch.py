"""`novel watch`: novels that are updated automatically."""

from __future__ import annotations

from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from novel_core import intake
from novel_core.cli.output import json_output, moment, print_json, print_list, say
from novel_core.db.engine import session
from novel_core.library.novels import find_novel
from novel_core.registry import Registry
from novel_core.runtime import open_runtime
from novel_core.watches import WatchView, list_watches

_HOUR, _DAY = 3600, 86_400

novels_argument = click.argument("novels", nargs=-1, required=True, metavar="NOVEL...")


@click.group()
def watch() -> None:
    """Novels that are updated automatically, the busy ones often, the quiet ones seldom.

    Any process of the service (API, worker, `novel process-queue`) submits the updates, workers
    run them.
    """


@watch.command()
@novels_argument
@json_output()
def add(novels: tuple[str, ...], as_json: bool) -> None:
    """Watch each NOVEL (its id, slug, source:id or URL)."""
    with open_runtime(migrating=True) as runtime, session(runtime.database) as opened:
        ids = _find(opened, runtime.registry, novels)
        added = [intake.watch(opened, novel_id) for novel_id in ids]
    added.sort(key=lambda one: one.view.due_at)
    if as_json:
        print_json([one.view for one in added])
        return
    for one in added:
        known = "" if one.is_new else " already"
        say(
            f"{one.view.title} is watched{known}: next updated at {moment(one.view.due_at)}, "
            f"then about every {_span(one.view.interval)}."
        )


@watch.command()
@novels_argument
@json_output()
def remove(novels: tuple[str, ...], as_json: bool) -> None:
    """Stop watching each NOVEL. What is saved stays, and a running job continues."""
    with open_runtime(migrating=True) as runtime, session(runtime.database) as opened:
        ids = _find(opened, runtime.registry, novels)
        found = [intake.unwatch(opened, novel_id) for novel_id in ids]
    removed = [view for view in found if view is not None]
    if as_json:
        print_json(removed)
        return
    for view in removed:
        say(f"{view.title} is no longer watched.")
    if len(removed) < len(ids):
        others = len(ids) - len(removed)
        say(f"{others} of these novels {'was' if others == 1 else 'were'} not watched.")


@watch.command("list")
@json_output()
def list_watched(as_json: bool) -> None:
    """List the watched novels, the next one due first."""
    with open_runtime() as runtime, session(runtime.database) as opened:
        views = list_watches(opened)
    columns: dict[str, Callable[[WatchView], str]] = {
        "id": lambda view: str(view.novel_id),
        "title": lambda view: view.title,
        "slug": lambda view: view.slug,
        "about every": lambda view: _span(view.interval),
        "next": lambda view: moment(view.due_at),
        "last job": lambda view: f"{view.last_job_id or '-'} {view.last_job_status or ''}".strip(),
    }
    empty = "No novel is watched: novel watch add NOVEL"
    print_list(views, columns, as_json=as_json, empty=empty)


def _find(opened: Session, registry: Registry, references: tuple[str, ...]) -> list[int]:
    """The ids of all novels. A wrong name is an error before anything is changed."""
    return list(dict.fromkeys(find_novel(opened, registry, name) for name in references))


def _span(seconds: float) -> str:
    """Return an interval in hours or days.

    >>> _span(3600), _span(129_600), _span(604_800)
    ('1.0 h', '36.0 h', '7.0 d')
    """
    if seconds < 2 * _DAY:
        return f"{seconds / _HOUR:.1f} h"
    return f"{seconds / _DAY:.1f} d"
