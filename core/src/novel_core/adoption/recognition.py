"""Which software runs a site: every family is asked about one of its pages, or two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from novel_core.adoption.places import foreign_hosts, host_of
from novel_core.crawl.walls import is_challenge
from novel_core.errors import (
    AmbiguousUrl,
    Blocked,
    NotRecognised,
    NovelError,
    PluginError,
    UnsupportedUrl,
)
from novel_core.page import Page
from novel_core.plugin import Recognition, Site
from novel_core.registry.loaded_family import LoadedFamily
from novel_core.sites.addresses import base_address, site_name
from novel_core.steps import limited

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recognised:
    """A family that knows a page, and its answer."""

    family: LoadedFamily
    answer: Recognition

    @property
    def site(self) -> Site:
        """The site as its pages tell it."""
        base_url = base_address(self.answer.base_url)
        return self.family.grouped(
            Site(
                site_name(base_url),
                self.family.name,
                base_url,
                title=self.answer.title,
                language=self.answer.language,
                time_zone=self.answer.time_zone,
                options=self.answer.options,
            )
        )


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The families that are asked, each alone: one that fails is left out and named in `faults`."""

    families: Sequence[LoadedFamily]
    faults: list[str]

    def about(self, page: Page) -> list[Recognised]:
        """The families that know `page`, the surest first."""
        answers = [
            Recognised(family, answer)
            for family in self.families
            if (answer := self._ask(family, "recognise", partial(family.recognise, page), page))
        ]
        return sorted(answers, key=lambda one: -one.answer.confidence)

    def further(self, page: Page) -> str | None:
        """One more address of the same host that a family wants to look at."""
        host = host_of(page.url)
        for family in self.families:
            url = self._ask(family, "look_at", partial(family.look_at, page), page)
            if url is not None and not foreign_hosts(host, (host_of(url),)):
                return url
        return None

    def _ask(
        self, family: LoadedFamily, method: str, call: Callable[[], T | None], page: Page
    ) -> T | None:
        try:
            return limited(f"{method} of {family.title} on", page.address, call)
        except NovelError as error:
            self.faults.append(error.message)
            return None


def families_asked(families: Iterable[LoadedFamily], name: str | None) -> list[LoadedFamily]:
    """All families, or the one of that name; UnsupportedUrl where there is none."""
    known = list(families)
    asked = [family for family in known if name in {None, family.name}]
    if not asked:
        names = ", ".join(sorted(family.name for family in known))
        missing = f"There is no family {name!r}." if name else "No family of sites is installed."
        raise UnsupportedUrl(
            missing,
            hint=f"The families are: {names}." if names else "Install one, as novel-wordpress.",
        )
    return asked


def surest(found: Sequence[Recognised], page: Page) -> Recognised:
    """The surest of several answers; AmbiguousUrl where two are as sure as each other."""
    best = [one for one in found if one.answer.confidence == found[0].answer.confidence]
    if len(best) > 1:
        names = " and ".join(f"{one.family.title} ({one.family.name})" for one in best)
        raise AmbiguousUrl(
            f"{page.url} may be a page of {names}: both are as sure.",
            hint="Say which with --family, such as --family " + best[0].family.name + ".",
        )
    return best[0]


def not_recognised(page: Page, inquiry: Inquiry) -> NovelError:
    """The error for a page that no family knows."""
    if is_challenge(page, has_content=False):
        return Blocked("The site shows a bot check instead of the page.", url=page.url)
    names = ", ".join(family.title for family in inquiry.families)
    if len(inquiry.faults) == len(inquiry.families):
        return PluginError(" ".join(inquiry.faults))
    host = host_of(page.url)
    return NotRecognised(f"{page.url} is no page of {names}: {host} cannot be added.")
