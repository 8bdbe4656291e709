"""The errors for a URL or a name that no loaded source has, with what is supported instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from shlex import quote as shell_quote

from novel_core.errors import NovelError, PluginError, SiteRefused, SiteRemoved, UnsupportedUrl
from novel_core.plugin import RefusedHost, Site
from novel_core.registry.entry import SourceEntry, SourceState
from novel_core.registry.resolution import HostIndex, Inquiry

#: How many sources an error message lists.
_LISTED = 12
#: The least likeness, in percent, of two texts of which one may be a slip of the other.
_NEAR = 75


def no_match(
    inquiry: Inquiry,
    index: HostIndex,
    entries: Sequence[SourceEntry],
    stored: Sequence[Site] = (),
) -> NovelError:
    """The error for a URL that none of those asked matches; `stored` are further sites at its host."""
    if len(inquiry.faults) == 1:
        return inquiry.faults[0]
    if inquiry.faults:
        return PluginError(" ".join(fault.message for fault in inquiry.faults))
    if inquiry.asked:
        names = " and ".join(dict.fromkeys(one.title for one in inquiry.asked))
        return UnsupportedUrl(
            f"{names} is supported, but this address is neither a novel nor a chapter:"
            f" {inquiry.url}",
            hint="Open the novel or one of its chapters in a browser and copy that address.",
        )
    host = inquiry.url.host
    sites = [*(found.site for found in index.sites.get(host, ())), *stored]
    titles: dict[str, str] = {}
    for site in sites:
        titles.setdefault(site.base_url, site.title or site.host)
    if places := [f"{title} is at {base_url}" for base_url, title in titles.items()]:
        below = "it" if len(places) == 1 else "any of them"
        return UnsupportedUrl(
            f"{' and '.join(places)}; this address is not below {below}: {inquiry.url}",
            hint="Open the novel or one of its chapters in a browser and copy that address.",
        )
    near = _nearest(host, (*index.sources, *index.sites))
    meant = f" Did you mean {near} ({index.title_of(near)})?" if near else ""
    hint = f"{_inventory(entries)}{_unlisted(entries, inquiry.url.url)}"
    return UnsupportedUrl(f"No source handles {host}.{meant}", hint=hint)


def refused_site(host: str, refused: RefusedHost) -> SiteRefused:
    """The error for a URL at a host that a family knows and does not read."""
    more = f" {refused.reason}" if refused.reason else ""
    return SiteRefused(f"{host} is not read: {refused.verdict.words}.{more}")


def no_source(name: str, entries: Sequence[SourceEntry], names: Iterable[str]) -> UnsupportedUrl:
    """The error for a name that no loaded source or site has; `names` are those that are loaded."""
    for entry in entries:
        if entry.name == name:
            return _not_loaded(entry)
    near = _nearest(name, names)
    meant = f" Did you mean {near}?" if near else ""
    return UnsupportedUrl(f"No source called {name!r} is installed.{meant}")


def _nearest(text: str, known: Iterable[str]) -> str | None:
    """The known text that `text` may be a slip of. difflib takes 30 ms for 3,000 of them."""
    # Imported here: only an error needs it.
    from rapidfuzz import fuzz, process

    found = process.extractOne(text, list(known), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return found[0] if found else None


def disabled_site(site: Site) -> UnsupportedUrl:
    return UnsupportedUrl(
        f"The site {site.name} ({site.base_url}) is disabled.", hint=_HINT_DISABLED
    )


def no_family(site: Site) -> UnsupportedUrl:
    return UnsupportedUrl(
        f"The site {site.name} ({site.base_url}) needs the family {site.family!r},"
        " which is not installed.",
        hint="Install or enable its plugin; `novel sources` shows the state of each.",
    )


def removed_site(site: Site) -> SiteRemoved:
    return SiteRemoved(f"The site {site.name} ({site.base_url}) was removed.")


_HINT_DISABLED = "Remove it from NOVEL_DISABLED_SOURCES."


def _not_loaded(entry: SourceEntry) -> UnsupportedUrl:
    if entry.family is not None:
        return UnsupportedUrl(
            f"{entry} is a family of sites, not a source.", hint="Name one of its sites."
        )
    if entry.state is SourceState.DISABLED:
        return UnsupportedUrl(f"The source {entry} is disabled.", hint=_HINT_DISABLED)
    return UnsupportedUrl(
        f"The source {entry} is {entry.state}: {entry.error}.",
        hint="Repair or update the plugin; `novel sources` shows the state of each.",
    )


def _unlisted(entries: Sequence[SourceEntry], url: str) -> str:
    """What can be done for a site that may run the software of an installed family."""
    families = [entry.family for entry in entries if entry.family]
    if not families:
        return ""
    likely = [family.title for family in families if family.may_read(url)]
    looks = f" This address looks like one of {' or '.join(likely)}." if likely else ""
    titles = " or ".join(family.title for family in families)
    return (
        f"{looks} If the site runs {titles}, it can be added with proof:"
        f" novel sites add {shell_quote(url)}"
    )


def _inventory(entries: Sequence[SourceEntry]) -> str:
    """What is loaded, and what is not with the reason."""
    loaded = [entry.source for entry in entries if entry.source]
    supported = [f"{source.info.title} ({source.info.homepage})" for source in loaded]
    supported += [f"{entry.family.title} sites" for entry in entries if entry.family]
    parts = [
        f"Supported: {_list(supported)}."
        if supported
        else "No source is loaded; install one, such as `pip install novel-royalroad`."
    ]
    broken = [f"{entry}: {entry.error}" for entry in entries if entry.state.is_problem]
    if broken:
        parts.append(f"Not loaded: {_list(broken, '; ')}.")
    disabled = [entry.name for entry in entries if entry.state is SourceState.DISABLED]
    if disabled:
        parts.append(f"Disabled by NOVEL_DISABLED_SOURCES: {_list(disabled)}.")
    return " ".join(parts)


def _list(texts: list[str], separator: str = ", ") -> str:
    more = len(texts) - _LISTED
    shown = texts[:_LISTED] + ([f"and {more} more (`novel sources`)"] if more > 0 else [])
    return separator.join(shown)
