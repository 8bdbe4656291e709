"""The report of a proof: what the site is, what was read of one of its novels, and the verdict."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, computed_field

from novel_core.plugin import Site


class Level(StrEnum):
    """How much a finding matters. REFUSAL: the site cannot be added."""

    NOTE = "note"
    WARNING = "warning"
    REFUSAL = "refusal"


class Verdict(StrEnum):
    PROVED = "proved"
    WARNINGS = "proved with warnings"
    REFUSED = "refused"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Finding(_Part):
    """Something that the proof found. `about` names it for programs, such as `gaps`."""

    about: str
    level: Level
    text: str


class SiteFacts(_Part):
    """A site as it would be added; the fields are those of `Site`."""

    name: str
    family: str
    base_url: str
    title: str = ""
    language: str | None = None
    time_zone: str = "UTC"
    rate_group: str = ""
    aliases: tuple[str, ...] = ()
    options: dict[str, Any] = {}

    @property
    def site(self) -> Site:
        return Site(**self.model_dump())


class ReadChapter(_Part):
    """A chapter that was read; `problem` says why it has no words."""

    title: str
    url: str
    words: int = 0
    problem: str | None = None


class NovelFacts(_Part):
    """The novel that was read. `stated` is the site's own number of chapters, if it says one.

    `is_whole` if all pages of the chapter list were read, `dated` how many chapters have a date.
    """

    title: str
    authors: tuple[str, ...] = ()
    url: str
    found: int = 0
    stated: int | None = None
    is_whole: bool = True
    locked: int = 0
    dated: int = 0


class Report(_Part):
    """A proof of a site. `software` is the family's title, `requests` those but for robots.txt.

    `hosts` are all that the site's pages are requested from. `robots` is what robots.txt says.
    """

    url: str
    software: str
    version: str | None
    confidence: float
    site: SiteFacts
    hosts: tuple[str, ...]
    novel: NovelFacts | None = None
    chapters: tuple[ReadChapter, ...] = ()
    findings: tuple[Finding, ...] = ()
    robots: str = ""
    requests: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> Verdict:
        """The worst finding decides."""
        levels = {finding.level for finding in self.findings}
        if Level.REFUSAL in levels:
            return Verdict.REFUSED
        return Verdict.WARNINGS if Level.WARNING in levels else Verdict.PROVED

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why the site is refused."""
        return tuple(one.text for one in self.findings if one.level is Level.REFUSAL)
