"""The pictures of a novel, from its archive; nothing is fetched for a book."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import urldefrag

from sqlalchemy import select
from sqlalchemy.orm import Session

from novel_core.archive.pages import load_page
from novel_core.db.pages import PageRow
from novel_core.export.picture import MissingPicture, Picture, read_picture
from novel_core.source import PageKind


class Gallery:
    """The pictures by the URL that a text names."""

    def __init__(self, session: Session, novel_id: int) -> None:
        self._session = session
        self._novel_id = novel_id

    def picture(self, url: str) -> Picture | MissingPicture:
        """The picture, read each time, so that only one is in memory."""
        page_id = self._pages.get(url) or self._pages.get(urldefrag(url).url)
        if page_id is None:
            return MissingPicture.NOT_HELD
        found = read_picture(load_page(self._session, page_id).body)
        self._session.expunge_all()
        return found

    @cached_property
    def _pages(self) -> dict[str, int]:
        """The newest good copy of each picture, by its requested URL, else by its final URL."""
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
