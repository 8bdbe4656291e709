"""Loaded families, which make the sources of their sites. An exception becomes a PluginError."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from novel_core.errors import PluginError, SourceError
from novel_core.page import Page
from novel_core.plugin import Family, Recognition, RefusedHost, Site, Source
from novel_core.registry.checks import info_problems, kind_of, recognition_problems
from novel_core.registry.discovery import Distribution
from novel_core.registry.loaded import FAULTS, LoadedPlugin, LoadedSource, SetUp, describe
from novel_core.sites.addresses import base_address, site_name, without_scheme
from novel_core.urls import normalize_url

#: A page that is no novel of any software.
_ANY_PAGE = "/some-page"
#: The most sites that are held at once: a pattern of hosts covers any number of them.
MOST_SITES = 10_000


@dataclass(frozen=True, eq=False)
class LoadedFamily:
    """A family of a plugin; `sites` are those of its package that can be loaded.

    Name, title and patterns are those at the time the family was loaded and checked.
    """

    plugin: LoadedPlugin
    family: Family
    name: str
    title: str
    host_patterns: tuple[str, ...] = ()
    sites: tuple[Site, ...] = ()
    refused_hosts: tuple[RefusedHost, ...] = ()
    _loaded: dict[str, LoadedSource] = field(default_factory=dict, init=False, repr=False)
    _set_up: SetUp | None = field(default=None, init=False, repr=False)

    @property
    def package(self) -> Distribution:
        return self.plugin.package

    def __str__(self) -> str:
        return f"{self.name} ({self.package})"

    def grouped(self, site: Site) -> Site:
        """The site in the rate group of the pattern that covers its host, unless it names one."""
        covering = [one for one in self.host_patterns if site.host.endswith(one.removeprefix("*"))]
        if site.rate_group or not covering:
            return site
        return replace(site, rate_group=max(covering, key=len))

    def load(self, site: Site) -> LoadedSource:
        """The source of `site`, made at its first use."""
        loaded = self._loaded.get(site.name)
        if loaded is None or loaded.site != site:
            loaded = self._make(site)
            if self._set_up is not None:
                self._set_up(loaded)
            if len(self._loaded) >= MOST_SITES:
                self._loaded.clear()
            self._loaded[site.name] = loaded
        return loaded

    def may_read(self, url: str) -> bool:
        """Whether a normalised `url` looks like one of this software.

        That is where the source of a site at its host would match it, and not any page there: in
        some software every address may be a chapter.
        """
        parts = urlsplit(url)
        base = f"{parts.scheme}://{parts.netloc}"
        try:
            source = self._make(Site(site_name(base), self.name, base))
            return (
                source.match_normalized(url) is not None
                and source.match_normalized(f"{base}{_ANY_PAGE}") is None
            )
        except PluginError:
            return False

    def use(self, set_up: SetUp) -> None:
        """Call `set_up` with each source that is made from now on; none is kept from before."""
        object.__setattr__(self, "_set_up", set_up)
        self._loaded.clear()

    def recognise(self, page: Page) -> Recognition | None:
        """The family's checked answer to `page`; None for a page that cannot be read."""
        try:
            found = self.family.recognise(page)
            problems = "" if found is None else "; ".join(recognition_problems(found))
        except SourceError:
            return None
        except FAULTS as error:
            raise self._broke(f"recognise raised {describe(error)} on {page.url}") from error
        if problems:
            raise self._broke(f"the answer of recognise to {page.url} is wrong: {problems}")
        return found

    def look_at(self, page: Page) -> str | None:
        """The family's checked wish for one more page of the same site; None for none."""
        try:
            url = self.family.look_at(page)
            return None if url is None else normalize_url(url)
        except SourceError:
            return None
        except FAULTS as error:
            raise self._broke(f"look_at raised {describe(error)} on {page.url}") from error

    def told_on(self, page: Page, site: Site) -> Site:
        """The site with what `recognise` finds on one of its pages; what that leaves out stays."""
        found = self.recognise(page)
        if found is None or _place(found.base_url) != _place(site.base_url):
            return site
        return replace(
            site,
            title=found.title or site.title,
            language=found.language or site.language,
            time_zone=site.time_zone if found.time_zone == "UTC" else found.time_zone,
            options={**site.options, **found.options},
        )

    def _make(self, site: Site) -> LoadedSource:
        try:
            source: Any = self.family.source(site)
            problems = "; ".join(_source_problems(source, site))
            if not problems:
                return LoadedSource(self.plugin, source, site)
        except FAULTS as error:
            raise self._broke(f"source raised {describe(error)} for {site.name}") from error
        raise self._broke(f"its source of {site.name} is wrong: {problems}")

    def _broke(self, what: str) -> PluginError:
        return PluginError(f"The family {self}: {what}.")


def _place(base_url: str) -> str:
    return without_scheme(base_address(base_url))


def _source_problems(source: Any, site: Site) -> list[str]:
    if not isinstance(source, Source):
        return [f"it is {kind_of(source)}, not a Source"]
    problems = list(info_problems(getattr(source, "info", None)))
    if problems:
        return problems
    if source.info.name != site.name:
        problems.append(f"its name is {source.info.name!r}, and not the site's")
    if site.host not in source.info.domains:
        problems.append(f"the site's host {site.host} is not one of its domains")
    return problems


class FamilySite(NamedTuple):
    """A site whose source is made when a URL or a name asks for it."""

    family: LoadedFamily
    site: Site

    @property
    def title(self) -> str:
        return self.site.title or self.site.host

    def owns(self, url: str) -> bool:
        return self.site.owns(url)

    def load(self) -> LoadedSource:
        return self.family.load(self.site)
