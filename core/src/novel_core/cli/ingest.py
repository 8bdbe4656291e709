"""`novel ingest`: the command's options. What it does is in `ingest_run`, loaded only to run it."""

from __future__ import annotations

from typing import Any

import click

from novel_core.cli.ingest_result import NOTHING
from novel_core.cli.loading import loading
from novel_core.cli.output import json_output

MAX_RECHECK_DIGITS = 9


class Recheck(click.ParamType[Any]):
    name = "N|all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, int):
            return value
        # In capitals too, as the help writes it.
        if value.lower() == "all":
            return "all"
        if value.isdecimal() and len(value) <= MAX_RECHECK_DIGITS:
            return int(value)
        return self.fail(f"{value!r} is neither a number nor 'all'", param, ctx)


@click.command()
@click.argument("url")
@click.option(
    "--recheck",
    type=Recheck(),
    default=0,
    help="Also request the newest N saved chapters again, or all of them.",
)
@click.option(
    "--force", is_flag=True, help="Download everything again, even chapters already saved."
)
@click.option(
    "--accept-removals",
    is_flag=True,
    help="Accept a chapter list that has lost most of its chapters; what is saved stays.",
)
@click.option("--queue", is_flag=True, help="Queue the job for a worker and return at once.")
@json_output(NOTHING)
def ingest(
    url: str, recheck: Any, force: bool, accept_removals: bool, queue: bool, as_json: bool
) -> None:
    """Fetch the novel at URL and save it; run it again to update.

    URL may be the novel's page or one of its chapters. After an interruption the same command
    continues where it stopped.

    Exit codes: 0 done, 3 done with gaps, 2 wrong usage or unsupported URL, 4 blocked or login
    needed, 5 not found, 6 the site has changed, 1 anything else.
    """
    with loading("aiohttp"):
        from novel_core.cli.ingest_run import run
        from novel_core.jobs.options import JobOptions

    options = JobOptions(recheck=recheck, force=force, accept_removals=accept_removals)
    run(url, options, queue=queue, as_json=as_json)
