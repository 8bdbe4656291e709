"""The pictures of a novel, from its archive only: nothing is fetched for a book."""

from __future__ import annotations

from urllib.parse import urldefrag

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.archive.pages import load_page
from novel_core.db.pages import PageRow
from novel_core.export.picture import Lack, Picture, read_picture
from novel_core.source import PageKind


class Gallery:
    """Pictures by the address a text names them with."""

    def __init__(self, session: Session, novel_id: int) -> None:
        self._session = session
        self._novel_id = novel_id
        self._pages: dict[str, int] | None = None
        self._lacks: dict[str, Lack] = {}

    def picture(self, url: str) -> Picture | Lack:
        """Read anew each time: only one picture is in memory. What cannot be shown is remembered."""
        if url in self._lacks:
            return self._lacks[url]
        if self._pages is None:
            self._pages = self._index()
        page_id = self._pages.get(url) or self._pages.get(urldefrag(url).url)
        found: Picture | Lack = Lack.NOT_HELD
        if page_id is not None:
            found = read_picture(load_page(self._session, page_id).body)
            self._session.expunge_all()
        if isinstance(found, Lack):
            self._lacks[url] = found
        return found

    def _index(self) -> dict[str, int]:
        """The newest good copy of each, by the address it was asked for under, else by the one it came from."""
        rows = self._session.execute(
            select(PageRow.id, PageRow.requested_url, PageRow.url)
            .where(
                PageRow.novel_id == self._novel_id,
                PageRow.kind == PageKind.IMAGE,
                PageRow.problem.is_(None),
                PageRow.size > 0,
            )
            .order_by(PageRow.id)
        ).all()
        final = {url: page_id for page_id, _, url in rows}
        asked = {requested: page_id for page_id, requested, _ in rows}
        return final | asked
