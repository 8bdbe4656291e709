"""`novel sites`: sites that were added by their software. What each does is loaded to run it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from novel_core.cli.loading import loading
from novel_core.cli.output import json_output, moment, print_json, print_list, say
from novel_core.plurals import several

if TYPE_CHECKING:
    from novel_core.adoption.checking import SiteCheck
    from novel_core.intake import SiteView

#: The object that `novel sites add --json` prints where there is no job.
NOTHING = dict.fromkeys(
    ("job_id", "status", "error_code", "error_message", "verdict", "site", "hosts", "report")
) | {"status": "error", "hosts": []}
DIFFERS = 1
#: Differences of one page that are printed; --json has all of them.
_SHOWN = 10


@click.group()
def sites() -> None:
    """Sites that nobody has listed, added by their software and with proof.

    A family reads every site that runs one software. `novel sources` lists the families.
    """


@sites.command()
@click.argument("url")
@click.option("--family", metavar="NAME", help="Ask this family only.")
@click.option("--title", help="The site's title. [default: what its pages say]")
@click.option("--language", metavar="TAG", help="The language of its novels, such as en.")
@click.option("--yes", is_flag=True, help="Add it without a question, with the hosts it shows.")
@click.option("--queue", is_flag=True, help="Queue the job for a worker and return at once.")
@json_output(NOTHING)
def add(
    url: str,
    family: str | None,
    title: str | None,
    language: str | None,
    yes: bool,
    queue: bool,
    as_json: bool,
) -> None:
    """Prove the site of URL, a novel's address, and add it.

    The software is recognised within two requests; then the list of the novel, and its first,
    middle and last chapter are read within six more. Nothing is saved as a novel.

    Exit codes: 0 added, 3 proved but not added, 2 wrong usage or a host to confirm, 4 blocked, 5
    not found or not recognised, 6 not proved, 1 anything else.
    """
    with loading("aiohttp"):
        from novel_core.adoption.wishes import Wishes
        from novel_core.cli.sites_add import run

    wishes = Wishes(family=family, title=title, language=language, yes=yes)
    run(url, wishes, queue=queue, as_json=as_json)


@sites.command("list")
@json_output()
def list_sites(as_json: bool) -> None:
    """List the sites that were used or added, by name."""
    from novel_core import intake
    from novel_core.db.engine import session
    from novel_core.runtime import open_runtime

    with open_runtime() as runtime, session(runtime.database) as opened:
        found = intake.sites(opened)
    columns: dict[str, Callable[[SiteView], str]] = {
        "name": lambda site: site.name,
        "family": lambda site: site.family,
        "address": lambda site: site.base_url,
        "title": lambda site: site.title,
        "added by": lambda site: "removed" if site.removed_at else site.added_by,
        "novels": lambda site: f"{site.novels:,}",
    }
    print_list(found, columns, as_json=as_json, empty="No site was added: novel sites add URL")


@sites.command()
@click.argument("name")
@json_output()
def show(name: str, as_json: bool) -> None:
    """Show site NAME, and what its proof has found."""
    from novel_core import intake
    from novel_core.cli.sites_report import print_report
    from novel_core.db.engine import session
    from novel_core.runtime import open_runtime

    with open_runtime() as runtime, session(runtime.database) as opened:
        (view,) = intake.sites(opened, name)
        proof = intake.proof_of_site(opened, name)
    report = proof.report if proof is not None else None
    if as_json:
        print_json({"site": view, "report": report.model_dump(mode="json") if report else None})
        return
    say(f"{view.title or view.name}  ({view.name})", bold=True)
    state = f"removed {moment(view.removed_at)}" if view.removed_at else f"by {view.added_by}"
    say(f"  {view.base_url}; {view.family}, {state}; {several(view.novels, 'novel')}")
    if proof is not None and report is not None:
        say(f"  proved {moment(proof.added_at)}, job {proof.job.id}")
        print_report(report)


@sites.command()
@click.argument("name")
@click.option("--live", is_flag=True, help="Also fetch the pages again, in at most 6 requests.")
@json_output()
def check(name: str, live: bool, as_json: bool) -> None:
    """Read the recorded pages of site NAME with today's parser, and compare.

    With --live, also fetch them again: what is read otherwise now has drifted.

    Exit codes: 0 all as recorded, 1 something differs or the site cannot be read, 2 no recordings.
    """
    from novel_core.adoption.checking import fetch_again, replay
    from novel_core.runtime import open_runtime
    from novel_core.settings import load_settings

    settings = load_settings()
    # Through an embedded queue server the rate is shared with other processes.
    queue = live and settings.uses_embedded_postgres
    with open_runtime(settings, queue=queue) as runtime:
        replayed = replay(runtime, name)
        fetched = fetch_again(runtime, name) if live else None
    if as_json:
        print_json({"site": name, "recordings": replayed, "live": fetched})
    else:
        _print_check(replayed, "recordings")
        if fetched is not None:
            _print_check(fetched, f"live, {several(fetched.requests, 'request')}")
    if not replayed.is_right or (fetched is not None and not fetched.is_right):
        sys.exit(DIFFERS)


def _print_check(check: SiteCheck, what: str) -> None:
    wrong = [page for page in check.pages if page.differences]
    state = f"{several(len(wrong), 'page')} differ" if wrong else "all as recorded"
    say(f"{check.site} ({what}): {check.problem or state}")
    for page in wrong:
        say(f"  {page.recording}  {page.url}")
        for line in page.differences[:_SHOWN]:
            say("    " + line.replace("\n", "\n    "))
        if len(page.differences) > _SHOWN:
            say(f"    and {len(page.differences) - _SHOWN} more")


@sites.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Remove it without a question.")
@json_output()
def remove(name: str, yes: bool, as_json: bool) -> None:
    """Request nothing more of site NAME. Its novels stay, and can be read."""
    from novel_core import intake
    from novel_core.db.engine import session
    from novel_core.runtime import open_runtime

    with open_runtime(migrating=True) as runtime:
        with session(runtime.database) as opened:
            (view,) = intake.sites(opened, name)
        if not yes and not as_json:
            click.confirm(f"Request nothing more of {view.base_url}?", abort=True)
        with session(runtime.database) as opened:
            removed = intake.remove_site(opened, runtime.registry, name)
    if as_json:
        print_json(removed)
        return
    ended = f"; open jobs that end: {removed.jobs}" if removed.jobs else ""
    say(f"{name} is removed. Novels that stay: {removed.novels:,}{ended}.")
