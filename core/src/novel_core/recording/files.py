"""Recordings as files: reading, writing, and the headers and tokens that are left out."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from novel_core.archive.pages import COUNTS_OF_LISTS
from novel_core.atomic_write import new_file
from novel_core.errors import RecordingExists, UnreadableRecording
from novel_core.page import Page
from novel_core.plugin import Site
from novel_core.recording.outcome import Outcome
from novel_core.source import PageKind

PAGE, EXPECTED = "page.json", "expected.json"

#: All other headers are about the session, the server or the network, and may hold a secret.
KEPT_HEADERS = frozenset({
    "cf-mitigated", "content-language", "content-type", "etag", "last-modified", "link",
    "retry-after",
})  # fmt: skip
_SUFFIXES = {"html": ".html", "json": ".json", "xml": ".xml"}


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded page of `source`. `expected` is None before a parser has read it.

    `site` is that of a family where nobody has listed it: its recordings are read without a list.
    """

    name: str
    source: str
    page: Page
    expected: Outcome | None = None
    site: Site | None = None

    @property
    def age(self) -> float:
        """Days since the page was fetched."""
        return (datetime.now(UTC) - self.page.fetched_at).total_seconds() / 86400

    def write(self, folder: Path, *, update: bool = False) -> Path:
        """Write the recording to a folder of its name in `folder`, and return that.

        RecordingExists if it exists, unless `update` is given.
        """
        place = folder / self.name
        if place.exists() and not update:
            raise RecordingExists(f"The recording {place} exists already.")
        place.mkdir(parents=True, exist_ok=True)
        page = as_recorded(self.page)
        body = place / f"body{_suffix(page)}"
        for old in place.glob("body.*"):
            if old != body:
                old.unlink()
        body.write_bytes(page.body)
        _write_json(place / PAGE, {"source": self.source} | describe(page) | _site(self.site))
        if self.expected is not None:
            _write_json(place / EXPECTED, self.expected)
        return place


def as_recorded(page: Page) -> Page:
    """The page as a recording keeps it, and as it is read again: without headers of the session,
    tokens, and fractions of a second."""
    return replace(
        page,
        headers=kept_headers(page.headers),
        body=without_tokens(page.body),
        fetched_at=page.fetched_at.replace(microsecond=0),
    )


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that a parser may need: no cookie, no token, nothing of the network.

    Those that count a list's pages are among them (`x-wp-total`).

    >>> kept_headers({"content-type": "text/html", "set-cookie": "session=1", "x-csrf-token": "2"})
    {'content-type': 'text/html'}
    """
    return {
        name: value
        for name, value in headers.items()
        if name in KEPT_HEADERS or name.startswith(COUNTS_OF_LISTS)
    }


_TAG = re.compile(rb"<(?:meta|input)\b[^>]*+>?", re.IGNORECASE)
_NAME = re.compile(rb"""(?:name|id)=["']?([^"'\s>]*+)""", re.IGNORECASE)
_TOKEN = re.compile(rb"csrf|token|nonce", re.IGNORECASE)
_VALUE = re.compile(rb"""\b(content|value)=("[^"]*"|'[^']*')""", re.IGNORECASE)


def without_tokens(body: bytes) -> bytes:
    """The body of a page without the session's tokens in forms and meta tags.

    >>> without_tokens(b'<meta name="csrf-token" content="x1"><meta name="author" content="Ann">')
    b'<meta name="csrf-token" content="removed"><meta name="author" content="Ann">'
    """

    def clean(tag: re.Match[bytes]) -> bytes:
        if not any(_TOKEN.search(name) for name in _NAME.findall(tag[0])):
            return tag[0]
        return _VALUE.sub(rb'\1="removed"', tag[0])

    return _TAG.sub(clean, body)


def find_recordings(folder: Path, source: str | None = None) -> list[Path]:
    """The folders of the recordings in `folder`, at any depth, by name; those of one `source` only.

    One whose source cannot be told is among those of every source, which then report it.
    """
    places = sorted(path.parent for path in folder.rglob(PAGE))
    return [place for place in places if source is None or _source_of(place) in {source, None}]


def _source_of(place: Path) -> str | None:
    try:
        source = _read_json(place / PAGE).get("source")
    except UnreadableRecording:
        return None
    return source if isinstance(source, str) else None


def read_recording(place: Path) -> Recording:
    """The recording in the folder `place`. UnreadableRecording if a file is missing or damaged."""
    bodies = sorted(place.glob("body.*"))
    if len(bodies) != 1:
        raise UnreadableRecording(
            f"{place} has {len(bodies)} files named body.*; it must have one."
        )
    described = _read_json(place / PAGE)
    if not described.get("source"):
        raise UnreadableRecording(
            f"{place / PAGE} does not say whose page it is.",
            hint='Add a line with the name of its source, such as: "source": "example",',
        )
    expected = place / EXPECTED
    try:
        page = as_described(described, bodies[0].read_bytes())
        site = Site(**described["site"]) if "site" in described else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise UnreadableRecording(f"{place / PAGE} does not describe a page: {reason}.") from error
    outcome = _read_json(expected) if expected.exists() else None
    return Recording(place.name, str(described["source"]), page, outcome, site)


def as_described(described: Mapping[str, Any], body: bytes) -> Page:
    """The page that `describe` has described; KeyError, TypeError, ValueError if it is none."""
    return Page(
        url=described["url"],
        kind=PageKind(described["kind"]),
        body=body,
        status=int(described.get("status", 200)),
        headers=dict(described.get("headers", {})),
        requested_url=described.get("requested_url") or described["url"],
        fetched_at=_moment(described["fetched_at"]),
        chapters=tuple(described.get("chapters", ())),
        part=int(described.get("part", 0)),
        position=int(described.get("position", 0)),
        context=dict(described.get("context", {})),
        method=str(described.get("method", "GET")),
        request_body=b64decode(described.get("request_body", ""), validate=True),
        is_optional=bool(described.get("is_optional", False)),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def describe(page: Page) -> dict[str, Any]:
    """All of a page but its body, as JSON has it."""
    return {
        "url": page.url,
        "requested_url": page.requested_url,
        "kind": str(page.kind),
        "status": page.status,
        "headers": dict(page.headers),
        "fetched_at": page.fetched_at.astimezone(UTC).isoformat(timespec="seconds"),
        "chapters": list(page.chapters),
        "part": page.part,
        "position": page.position,
        **_request_of(page),
    }


def _request_of(page: Page) -> dict[str, Any]:
    """What the page's Follow carried, where it is more than a URL: most recordings stay short."""
    carried = {
        "context": dict(page.context),
        "method": page.method if page.method != "GET" else "",
        "request_body": b64encode(page.request_body).decode(),
        "is_optional": page.is_optional,
    }
    return {name: value for name, value in carried.items() if value}


def _site(site: Site | None) -> dict[str, Any]:
    if site is None:
        return {}
    # What a package knows of a site says nothing of a page.
    told = {name: value for name, value in asdict(site).items() if value and name != "evidence"}
    return {"site": told}


def _suffix(page: Page) -> str:
    content_type = page.headers.get("content-type", "text/html").lower()
    return next((suffix for word, suffix in _SUFFIXES.items() if word in content_type), ".bin")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableRecording(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise UnreadableRecording(f"{path} is not a JSON object.")
    return found


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write the file completely, or leave the old one."""
    with new_file(path, replace=True) as file:
        file.write(f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode())
