"""The table of sites as the registry reads it, remembered for seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, select, tuple_

from novel_core.db.engine import session
from novel_core.db.sites import SiteRow, site_address
from novel_core.errors import StorageError
from novel_core.plugin import Site
from novel_core.sites.addresses import without_scheme

#: Seconds until the table is read again for the same question.
REMEMBERED = 5.0
#: Answers remembered at once; a person may paste any host.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Answer:
    sites: tuple[Site, ...]
    until: float


class SiteStore:
    """The sites in use, from the table of a database; for many threads.

    All machines see a new site within `REMEMBERED` seconds. While the database cannot be read, an
    older answer is given where there is one; otherwise a StorageError is raised.
    """

    def __init__(self, database: Engine, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._by_host: dict[str, _Answer] = {}
        self._by_name: dict[str, _Answer] = {}

    def by_host(self, host: str) -> Sequence[Site]:
        """The sites at the host, those in the deepest folder first."""
        return self._answer(self._by_host, host, SiteRow.host == host)

    def by_name(self, name: str) -> Site | None:
        """The site called `name`. That there is none is not remembered: it may be stored next."""
        found = self._answer(self._by_name, name, SiteRow.name == name)
        if not found:
            self._by_name.pop(name, None)
        return found[0] if found else None

    def names(self, sites: Iterable[Site]) -> dict[tuple[str, str], str]:
        """The stored names of those of `sites` that are stored, by family and base address."""
        wanted = {(site.family, without_scheme(site.base_url)): site for site in sites}
        if not wanted:
            return {}
        query = select(SiteRow.family, site_address, SiteRow.name).where(
            tuple_(SiteRow.family, site_address).in_(list(wanted))
        )
        with session(self._database) as opened:
            rows = opened.execute(query).all()
        return {(row[0], wanted[row[0], row[1]].base_url): row[2] for row in rows}

    def _answer(
        self, held: dict[str, _Answer], key: str, condition: ColumnElement[bool]
    ) -> tuple[Site, ...]:
        answer, now = held.get(key), self._clock()
        if answer is not None and now < answer.until:
            return answer.sites
        try:
            sites = self._read(condition)
        except StorageError:
            if answer is None:
                raise
            sites = answer.sites
        if len(held) >= MOST:
            held.clear()
        held[key] = _Answer(sites, now + REMEMBERED)
        return sites

    def _read(self, condition: ColumnElement[bool]) -> tuple[Site, ...]:
        query = select(SiteRow).where(condition, SiteRow.removed_at.is_(None))
        with session(self._database) as opened:
            sites = [_site(row) for row in opened.scalars(query)]
        return tuple(sorted(sites, key=lambda site: (-len(site.base_url), site.name)))


def _site(row: SiteRow) -> Site:
    return Site(
        name=row.name,
        family=row.family,
        base_url=row.base_url,
        title=row.title,
        language=row.language,
        time_zone=row.time_zone,
        rate_group=row.rate_group,
        options=row.options,
    )
