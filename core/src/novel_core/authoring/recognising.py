"""A site that nobody has listed, known by its software: for one command of the author kit."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from novel_core.adoption.any_page import AnyPage
from novel_core.adoption.recognition import Recognised
from novel_core.authoring.fetching import fetch
from novel_core.authoring.local_plugin import all_sources
from novel_core.errors import UnsupportedUrl
from novel_core.page import Page
from novel_core.registry import LoadedSource, Registry, Resolved
from novel_core.registry.loaded_family import LoadedFamily
from novel_core.settings import Settings
from novel_core.source import UrlKind, UrlMatch
from novel_core.urls import normalize_url


def recognised(registry: Registry, url: str, settings: Settings) -> Resolved | None:
    """The site at `url` by the surest `recognise` of the families, with its match of `url`.

    None without a request if there is no family, or a source at that host. UnsupportedUrl if no
    family recognises the page, or the site that it says does not match `url`.
    """
    url = normalize_url(url)
    host = urlsplit(url).hostname or ""
    families = list(registry.families.values())
    patterns = tuple(one.removeprefix("*") for family in families for one in family.host_patterns)
    is_known = host.endswith(patterns) or any(
        host in one.info.domains for one in all_sources(registry)
    )
    if not families or is_known:
        return None
    page = _page_at(url, families[0], settings)
    found = [(answer, one) for one in families if (answer := one.recognise(page)) is not None]
    if not found:
        names = " and ".join(one.title for one in families)
        raise UnsupportedUrl(
            f"{host} is no listed site, and recognise of {names} does not know its page {page.url}.",
            hint="Give the family the site (sites.toml), or let recognise find what the page has.",
        )
    answer, family = max(found, key=lambda one: one[0].confidence)
    source = family.load(Recognised(family, answer).site)
    match = source.match(url)
    if match is None:
        raise UnsupportedUrl(
            f"recognise of {family.title} finds the site {answer.base_url} on {page.url}, whose"
            f" source does not match {url}.",
            hint="Give the address of a novel or chapter; check the base_url of the Recognition.",
        )
    return Resolved(source, match)


def told_by_pages(registry: Registry, source: LoadedSource, pages: Sequence[Page]) -> LoadedSource:
    """The source with what its pages tell of a site by a pattern of hosts, as a job learns it."""
    site = source.site
    family = registry.families.get(site.family) if site else None
    if site is None or family is None or registry.is_shipped(site):
        return source
    told = (family.told_on(page, site) for page in pages)
    return family.load(next((one for one in told if one != site), site))


def _page_at(url: str, family: LoadedFamily, settings: Settings) -> Page:
    source = LoadedSource(family.plugin, AnyPage(url))
    match = UrlMatch(UrlKind.NOVEL, url, novel_id="1")
    fetched = fetch(source, settings, match, chapters=0, more_pages=0)
    if not fetched.pages:
        assert fetched.error is not None
        raise fetched.error
    return fetched.pages[0]
