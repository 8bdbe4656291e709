"""The options of the author kit's commands, and the source that one of them runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from novel_core.cli.output import say
from novel_core.errors import Gated, UnsupportedUrl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from novel_core.registry import Registry, Resolved
    from novel_core.settings import Settings

plugin_option = click.option(
    "--plugin",
    metavar="PATH",
    help="Load the plugin from this folder, file or module instead of the installed ones.",
)
source_option = click.option(
    "--source", metavar="NAME", help="The source or site to use, where several match URL."
)
confirm_gates_option = click.option(
    "--confirm-gates",
    is_flag=True,
    help="Confirm what the site asks before it shows a page, such as your age.",
)
GATE_HINT = (
    "If you may read it, repeat the command with --confirm-gates. The plugin must name the link"
    " that confirms: confirm of its Gated, or `gated` of the table's outcomes."
)


def found_source(
    registry: Registry, url: str, name: str | None, settings: Settings
) -> tuple[Resolved, bool]:
    """The source of `url` with its match, and whether it is a site that nobody has listed: one that
    a family recognises.
    """
    from novel_core.authoring.local_plugin import resolve
    from novel_core.authoring.recognising import recognised

    try:
        return resolve(registry, url, name), False
    except UnsupportedUrl:
        found = recognised(registry, url, settings) if name is None else None
        if found is None or found.source.site is None:
            raise
    site = found.source.site
    say(
        f"No site is listed there: recognise of {site.family} finds {site.base_url}"
        f" (time zone {site.time_zone}). It is a site for this command only, named {site.name}.",
        err=True,
    )
    return found, True


def tell_gates(codes: Iterable[str], *, confirm: bool) -> None:
    """Say how to pass a gate, if one of the errors is a gate and none was to be confirmed."""
    if not confirm and Gated.code in codes:
        say(GATE_HINT, err=True)
