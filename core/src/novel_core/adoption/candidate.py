"""A site that may be added: found from one address, every host of it confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from novel_core.adoption.places import (
    check_address,
    check_place,
    foreign_hosts,
    host_of,
    hosts_of,
    twin_of,
)
from novel_core.adoption.recognition import (
    Inquiry,
    Recognised,
    families_asked,
    not_recognised,
    surest,
)
from novel_core.adoption.requester import Requester
from novel_core.adoption.wishes import Wishes
from novel_core.crawl.allowance import Allowance
from novel_core.errors import HostsUnconfirmed, RedirectRefused, SiteKnown, UnsupportedUrl
from novel_core.page import Page
from novel_core.plugin import Site
from novel_core.registry import LoadedSource, Registry
from novel_core.settings import Settings
from novel_core.source import PageKind, UrlMatch
from novel_core.urls import normalize_url

#: Requests of a recognition, robots.txt not counted.
REQUESTS = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recognised site, its source, the match of the given address, and the page it has sent."""

    known: Recognised
    source: LoadedSource
    match: UrlMatch
    page: Page


@dataclass(slots=True)
class Search:
    """The search for the site of one address."""

    requester: Requester
    wishes: Wishes
    allowance: Allowance

    async def candidate(self, url: str) -> Candidate:
        """The site of `url`, an address of one of its novels."""
        known, page = await self._recognised(url)
        site = _as_wished(_at_scheme_of(known.site, page.url), self.wishes)
        for address in (url, page.url):
            site = _with_twin(site, address)
        self._check_site(site, page)
        source = known.family.load(site)
        foreign = foreign_hosts(host_of(page.url), hosts_of(source.info))
        self._confirm(foreign, f"{site.title or site.host} is read from further hosts")
        addresses = (page.url, url, _below(site, page.url))
        match = next(filter(None, map(source.match, addresses)), None)
        if match is None:
            raise UnsupportedUrl(
                f"{site.host} runs {known.family.title}, but this address is neither a novel nor a"
                f" chapter: {url}",
                hint="Open a novel of the site in a browser and copy that address.",
            )
        return Candidate(known, source, match, replace(page, kind=PageKind.INDEX))

    async def _recognised(self, url: str) -> tuple[Recognised, Page]:
        registry = self.requester.runtime.registry
        families = families_asked(registry.families.values(), self.wishes.family)
        inquiry = Inquiry(families, [])
        page = await self._given_page(url)
        found = inquiry.about(page)
        if not found and self.allowance.left and (further := inquiry.further(page)):
            hosts = (host_of(page.url), *self.wishes.hosts)
            more = await self.requester.any_page(further, hosts, self.allowance)
            found = inquiry.about(more)
        if not found:
            raise not_recognised(page, inquiry)
        return surest(found, page), page

    async def _given_page(self, url: str) -> Page:
        """The page at `url`, or where it redirects to: at another host only if that is confirmed."""
        for host in self.wishes.hosts:
            check_address(self._registry, self._settings, f"https://{host}/")
        twin = twin_of(host_of(url))
        hosts = (*([] if self._registry.refusal_of(twin) else [twin]), *self.wishes.hosts)
        try:
            page = await self.requester.any_page(url, hosts, self.allowance)
        except RedirectRefused as error:
            if error.target is None:
                raise
            target = normalize_url(error.target)
            self._check_place(target)
            foreign = foreign_hosts(host_of(url), (host_of(target),))
            self._confirm(foreign, f"{url} redirects to another host")
            page = await self.requester.any_page(target, hosts, self.allowance)
        if page.url != url:
            self._check_place(page.url)
        return page

    def _check_site(self, site: Site, page: Page) -> None:
        foreign = foreign_hosts(host_of(page.url), (site.host,))
        self._confirm(foreign, f"{page.url} says that its site is {site.base_url}")
        if foreign:
            self._check_place(site.base_url)
        check_address(self._registry, self._settings, site.base_url)
        if self._registry.is_shipped_at(site.family, site.base_url):
            raise SiteKnown(
                f"{site.base_url} is read already, as {site.name}.",
                name=site.name,
                hint=f"Give an address of it that begins with {site.base_url} to `novel ingest`.",
            )

    def _confirm(self, hosts: Sequence[str], why: str) -> None:
        """Raise HostsUnconfirmed for hosts that the user has not confirmed."""
        for host in hosts:
            check_address(self._registry, self._settings, f"https://{host}/")
        missing = tuple(host for host in hosts if host not in self.wishes.hosts)
        if missing and not self.wishes.yes:
            raise HostsUnconfirmed(f"{why}: {', '.join(missing)}.", hosts=missing)

    def _check_place(self, url: str) -> None:
        check_place(self._registry, self._settings, url)

    @property
    def _registry(self) -> Registry:
        return self.requester.runtime.registry

    @property
    def _settings(self) -> Settings:
        return self.requester.runtime.settings


def _as_wished(site: Site, wishes: Wishes) -> Site:
    return replace(
        site, title=wishes.title or site.title, language=wishes.language or site.language
    )


def _at_scheme_of(site: Site, url: str) -> Site:
    """The site by http or https as its page was fetched: what pages say of it is often old."""
    if site.host not in {host_of(url), twin_of(host_of(url))}:
        return site
    scheme, _, _ = url.partition("://")
    return replace(site, base_url=f"{scheme}://{site.base_url.partition('://')[2]}")


def _below(site: Site, url: str) -> str:
    """The address at the site's own host, where the page was fetched from another one."""
    parts, base = urlsplit(url), urlsplit(site.base_url)
    return parts._replace(scheme=base.scheme, netloc=base.netloc).geturl()


def _with_twin(site: Site, given: str) -> Site:
    """The site with the host of the given address as an alias, where it is its twin."""
    host = host_of(given)
    if host == twin_of(site.host) and host not in site.aliases:
        return replace(site, aliases=(*site.aliases, host))
    return site
