"""Conditional requests: validators of a page's content, not of its markup, which always changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from novel_royalroad_lookalike.pages import Found

# The date of a page without dated chapters.
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Version:
    """A version; `modified` is in whole seconds, as in the header."""

    etag: str
    modified: datetime

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": self.etag, "Last-Modified": format_datetime(self.modified, usegmt=True)}

    def is_held_by(self, headers: Mapping[str, str]) -> bool:
        """Whether the client has this version. ETags come before dates (RFC 9110, 13.2.2)."""
        tags = headers.get("If-None-Match")
        if tags is not None:
            return self.etag in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        since = _date(headers.get("If-Modified-Since", ""))
        return since is not None and self.modified <= since


class Versions:
    """Remembers each page's last version: removing a chapter changes a page, but no date on it."""

    def __init__(self) -> None:
        self._last: dict[str, Version] = {}

    def of(self, found: Found, *, redesign: bool) -> Version:
        key = f"{found.path}?redesign={redesign}"
        etag, dated = _fingerprint(found, key), _dated(found)
        last = self._last.get(key)
        if last is None or last.etag != etag:
            # A change within a second of the one before must show, too.
            modified = dated if last is None else max(dated, last.modified + timedelta(seconds=1))
            last = self._last[key] = Version(etag, modified)
        return last


def _fingerprint(found: Found, key: str) -> str:
    parts: list[object] = [key, found.fiction.title]
    if found.chapter is not None:
        parts.append(found.chapter.digest())
    else:
        parts += [
            (chapter.id, chapter.title, chapter.slug, chapter.volume_id, chapter.locked)
            for chapter in found.fiction.listed
        ]
    digest = blake2b("\x1f".join(map(str, parts)).encode(), digest_size=12)
    return f'"{digest.hexdigest()}"'


def _dated(found: Found) -> datetime:
    chapters = found.fiction.listed if found.chapter is None else [found.chapter]
    newest = max((chapter.modified for chapter in chapters), default=_EPOCH)
    return newest.astimezone(UTC).replace(microsecond=0)


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
