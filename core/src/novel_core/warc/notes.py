"""Notes: what our WARC files say beyond HTTP, as metadata records whose blocks are JSON.

A file has one record of type `application/vnd.novel-ingestion.novel+json` for each novel in it
(`NovelNote`), and one of type `application/vnd.novel-ingestion.page+json` for each page
(`PageNote`). A page's note stands before its response, names it as WARC-Refers-To, and has the
same WARC-Target-URI. A page that never had a response (a picture whose server is gone) has a note
only. For programs that do not know these types it is a plain WARC file.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from novel_core.errors import UnreadableWarc
from novel_core.jobs.failures import MAX_URL_BYTES
from novel_core.page import Page
from novel_core.requests import MAX_BODY, json_context, request_key
from novel_core.source import PageKind

#: Raised by a change that an older program cannot read.
VERSION = 1
NOVEL_TYPE = "application/vnd.novel-ingestion.novel+json"
PAGE_TYPE = "application/vnd.novel-ingestion.page+json"
#: Bytes of a note; a work of 100,000 chapters on one page needs a fifth of it.
MAX_NOTE = 8 * 2**20


def _is_storable(url: str) -> str:
    if len(url.encode()) > MAX_URL_BYTES:
        msg = f"is longer than {MAX_URL_BYTES} bytes"
        raise ValueError(msg)
    return url


#: PostgreSQL cannot store a zero character.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
Url = Annotated[Text, AfterValidator(_is_storable)]
Small = Annotated[int, Field(ge=-(2**31), lt=2**31)]


class NovelNote(BaseModel):
    """A novel in the file; `pages` is the number of its page notes: so a cut file is noticed."""

    model_config = ConfigDict(frozen=True)

    version: int = VERSION
    source: Text
    novel_id: Text
    url: Url
    title: str
    pages: Annotated[int, Field(ge=0)]


class PageNote(BaseModel):
    """A page as the archive has it (`novel_core.page.Page`).

    `generation` numbers the crawls that fetched the pages, oldest first.
    """

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    version: int = VERSION
    source: Text
    novel_id: Text
    kind: PageKind
    url: Url
    requested_url: Url
    chapters: tuple[Text, ...] = ()
    part: Small = 0
    position: Small = 0
    generation: Annotated[int, Field(ge=0)] = 0
    status: Annotated[int, Field(ge=0, le=999)]
    headers: dict[Text, Text] = Field(default_factory=dict)
    problem: Text | None = None
    fetched_at: AwareDatetime
    context: Annotated[dict[str, Any], AfterValidator(json_context)] = Field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    request_body: Annotated[bytes, Field(max_length=MAX_BODY)] = b""
    is_optional: bool = False

    @classmethod
    def of(cls, page: Page, **other: object) -> PageNote:
        """The note on `page`; `other` are the fields that a page does not have."""
        return cls.model_validate({name: getattr(page, name) for name in _OF_PAGE} | other)

    @property
    def key(self) -> str:
        """What identifies the page in its crawl, as `Follow.key`."""
        return request_key(self.requested_url, self.method, self.request_body)

    def page(self, body: bytes) -> Page:
        """The page with this note and `body`."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in _OF_PAGE}
        # A clock that was ahead must not make later pages look old.
        fields["fetched_at"] = min(self.fetched_at, datetime.now(UTC))
        return Page(body=body, **fields)


_OF_PAGE = PageNote.model_fields.keys() & Page.__slots__

Note = TypeVar("Note", NovelNote, PageNote)


class _Label(BaseModel):
    version: int


def read_note(kind: type[Note], block: bytes, number: int) -> Note:
    """Read the note in a metadata record's block."""
    try:
        version = _Label.model_validate_json(block).version
        if version > VERSION:
            raise UnreadableWarc(
                f"The note in record {number} has version {version}; this program knows {VERSION}.",
                hint="Update novel-core, then import it.",
            )
        return kind.model_validate_json(block)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"]) or "its beginning"
        raise UnreadableWarc(f"Record {number} is broken at {place}: {problem['msg']}.") from error


def as_warc_date(moment: datetime) -> str:
    """A time as WARC-Date, with the fraction that WARC 1.1 allows.

    >>> from datetime import UTC
    >>> as_warc_date(datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC))
    '2026-01-02T03:04:05.000678Z'
    """
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def quoted(url: str) -> str:
    """`url` as WARC-Target-URI, with invalid characters escaped; the note has it as archived.

    >>> quoted("https://example.org/a b/é?q=%20")
    'https://example.org/a%20b/%C3%A9?q=%20'
    """
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~")
