"""`novel process-queue`: the maintenance of the service, once."""

from __future__ import annotations

from typing import Any

import click

from novel_core.archive.retention import sweep
from novel_core.cli.output import json_output, print_json, say, say_error
from novel_core.errors import NovelError
from novel_core.ingest.announcing import announce_pending
from novel_core.queue.connection import connect
from novel_core.queue.dispatch import dispatch
from novel_core.queue.reconcile import mark_lost, release_abandoned
from novel_core.queue.watch_updates import submit_due
from novel_core.runtime import Runtime, open_runtime
from novel_core.webhooks import deliver_due

#: The counts of the result, null for what could not be done: their fields of the object that
#: `--json` prints, and their words.
RESULT = {
    "abandoned": "jobs taken from processes that died",
    "lost": "jobs that the queue had lost",
    "pushed": "jobs pushed to the workers",
    "watches_submitted": "updates of watched novels submitted",
    "webhooks_delivered": "webhooks delivered",
    "webhooks_failed": "webhooks to be retried",
    "webhooks_given_up": "webhooks given up",
    "outdated": "outdated pages and events deleted",
}


@click.command("process-queue")
@json_output(dict.fromkeys(RESULT))
def process_queue(as_json: bool) -> None:
    """Run maintenance once: recover and push jobs, submit updates, deliver webhooks.

    API and workers do so regularly. It runs no job. While Redis is away it does what needs only the
    database, and the exit code is 1.
    """
    done: dict[str, Any] = dict.fromkeys(RESULT)
    with open_runtime(queue=True, migrating=True) as runtime:
        problems = _do_all(runtime, done)
    problem = problems[0] if problems else None
    if as_json:
        failure = {
            "error_code": problem.code if problem else None,
            "error_message": problem.message if problem else None,
        }
        print_json(done | failure | ({"hint": problem.hint} if problem else {}))
    else:
        for name, words in RESULT.items():
            if done[name] is not None:
                say(f"{done[name]:>5}  {words}")
        for further in problems:
            say_error(further.message, further.hint)
    if problem is not None:
        raise SystemExit(problem.exit_code)


def _do_all(runtime: Runtime, done: dict[str, Any]) -> list[NovelError]:
    """Do every part, also after one that fails; the errors."""
    database, settings = runtime.database, runtime.settings
    assert runtime.redis_url is not None
    problems: list[NovelError] = []
    done["abandoned"] = release_abandoned(database, settings)
    announce_pending(runtime)
    done["watches_submitted"] = submit_due(database, runtime.registry, settings)
    done["outdated"] = sweep(database, settings)
    try:
        with connect(runtime.redis_url) as redis:
            done["lost"] = mark_lost(database, redis)
            done["pushed"] = dispatch(database, redis, job_timeout=settings.job_timeout)
    except NovelError as error:
        problems.append(error)
    try:
        delivered = deliver_due(database, settings)
        for outcome in ("delivered", "failed", "given_up"):
            done[f"webhooks_{outcome}"] = delivered[outcome]
    except NovelError as error:
        problems.append(error)
    return problems
