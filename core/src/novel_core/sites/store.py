"""The table of sites as a registry reads it, remembered for seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, event, or_, select, tuple_
from sqlalchemy.orm import Session

from novel_core.db.engine import session
from novel_core.db.novels import NovelRow
from novel_core.db.sites import SiteRow, site_address
from novel_core.errors import StorageError
from novel_core.plugin import Site
from novel_core.sites.addresses import without_scheme

#: Seconds until the table is read again for the same question.
REMEMBERED = 5.0
#: The same for the names of the sites that packages ship: they change with a package only.
NAMES_REMEMBERED = 60.0
#: Answers remembered at once; a person may paste any host.
MOST = 10_000
_IN_USE = SiteRow.removed_at.is_(None)


class _Changes:
    """The changes of the table by this process, which sees them at once."""

    count = 0


def note_change(session: Session) -> None:
    """Read the table again in this process once the transaction, which changes it, is committed."""

    def forget(_session: Session) -> None:
        _Changes.count += 1

    event.listen(session, "after_commit", forget, once=True)


@dataclass(frozen=True, slots=True)
class _Answer:
    sites: tuple[Site, ...]
    until: float
    changes: int
    #: Kept, so that its id is no other object's.
    about: object


class SiteStore:
    """The sites in use, from the table of a database; for many threads.

    All machines see a new site within `REMEMBERED` seconds, the process that adds it at once. While the database cannot be read, an
    older answer is given where there is one; otherwise a StorageError is raised.
    """

    def __init__(self, database: Engine, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._answers: dict[tuple[str, object], _Answer] = {}

    def by_host(self, host: str) -> Sequence[Site]:
        """The sites at the host, which differ in their folders or families."""

        def condition() -> ColumnElement[bool]:
            return _IN_USE & SiteRow.hosts.contains([host])

        return self._answer("host", host, condition, REMEMBERED)

    def by_name(self, name: str) -> Site | None:
        """The site called `name`."""

        def condition() -> ColumnElement[bool]:
            return _IN_USE & (SiteRow.name == name)

        found = self._answer("name", name, condition, REMEMBERED)
        return found[0] if found else None

    def removed(self, name: str, host: str = "") -> Site | None:
        """A removed site called `name`, or at `host`."""

        def condition() -> ColumnElement[bool]:
            is_meant = SiteRow.hosts.contains([host]) if host else SiteRow.name == name
            return ~_IN_USE & is_meant

        found = self._answer("removed", f"{name}//{host}", condition, REMEMBERED)
        return found[0] if found else None

    def alike(self, sites: tuple[Site, ...]) -> Sequence[Site]:
        """The stored sites that have the family and address, or the name, of one of `sites`.

        Removed ones too: they keep their names. The caller keeps `sites`, always the same object.
        """

        def condition() -> ColumnElement[bool]:
            places = [(site.family, without_scheme(site.base_url)) for site in sites]
            return or_(
                tuple_(SiteRow.family, site_address).in_(places),
                SiteRow.name.in_([site.name for site in sites]),
            )

        return self._answer("alike", sites, condition, NAMES_REMEMBERED) if sites else ()

    def novel_url(self, source: str) -> str | None:
        """The address of a novel of the source called `source`."""
        with session(self._database) as opened:
            return opened.scalar(select(NovelRow.url).where(NovelRow.source == source).limit(1))

    def _answer(
        self,
        question: str,
        about: str | tuple[Site, ...],
        condition: Callable[[], ColumnElement[bool]],
        seconds: float,
    ) -> tuple[Site, ...]:
        key = (question, about if isinstance(about, str) else id(about))
        answer, now = self._answers.get(key), self._clock()
        changes = _Changes.count
        if answer is not None and now < answer.until and answer.changes == changes:
            return answer.sites
        try:
            sites = self._read(condition())
        except StorageError:
            if answer is None:
                raise
            sites = answer.sites
        if answer is not None and sites == answer.sites:
            # The same object: who has drawn conclusions from it need not do so again.
            sites = answer.sites
        if len(self._answers) >= MOST:
            self._answers.clear()
        self._answers[key] = _Answer(sites, now + seconds, changes, about)
        return sites

    def _read(self, condition: ColumnElement[bool]) -> tuple[Site, ...]:
        query = select(SiteRow).where(condition)
        with session(self._database) as opened:
            return tuple(_site(row) for row in opened.scalars(query.order_by(SiteRow.name)))


def _site(row: SiteRow) -> Site:
    return Site(
        name=row.name,
        family=row.family,
        base_url=row.base_url,
        title=row.title,
        language=row.language,
        time_zone=row.time_zone,
        rate_group=row.rate_group,
        aliases=tuple(row.hosts[1:]),
        options=row.options,
    )
