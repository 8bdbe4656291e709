"""Requests as a source makes them, without Scrapy; and what identifies one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

METHODS = ("GET", "POST")
#: Bytes of a request's body, and of a context as JSON.
MAX_BODY, MAX_CONTEXT = 64 * 2**10, 16 * 2**10
#: The headers that say who asks: a spider's only, and never sent with images.
CREDENTIALS = ("Cookie", "Authorization", "Proxy-Authorization")

_OF_SPIDER = frozenset(name.lower() for name in CREDENTIALS)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: A zero character in JSON, but not a backslash and `u0000`.
_ZERO = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The request that a spider makes for a page; the engine adds limits, validators and its pace.

    The engine's own headers win: `User-Agent`, `Host`, `Accept-Encoding`. A body without a
    `Content-Type` is sent as that of a form.

    >>> from dataclasses import replace
    >>> request = PageRequest("https://example.org/list", "POST", body=b"page=2")
    >>> replace(request, url="https://example.org/list?mature=1").method
    'POST'
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    body: bytes = b""

    def __post_init__(self) -> None:
        """ValueError for a request that cannot be sent."""
        check_request(self.method, self.headers, self.body)


def check_request(
    method: str, headers: Mapping[str, str], body: bytes, *, is_of_parser: bool = False
) -> None:
    """ValueError for a request that is not sent, with the reason.

    >>> check_request("DELETE", {}, b"")
    Traceback (most recent call last):
    ValueError: The method of a request is GET or POST, not 'DELETE'.
    """
    problem: str | None = None
    if method not in METHODS:
        problem = f"The method of a request is GET or POST, not {method!r}."
    elif not isinstance(body, bytes):
        problem = f"The body of a request is bytes, not {type(body).__name__}."
    elif body and method == "GET":
        problem = "A request with a body has the method POST."
    elif len(body) > MAX_BODY:
        problem = f"The body of a request has {len(body):,} bytes; it may have {MAX_BODY:,}."
    else:
        problem = next(filter(None, map(_header_problem, headers.items())), None)
    if problem is None and is_of_parser:
        found = next((name for name in headers if name.lower() in _OF_SPIDER), None)
        problem = found and f"A Follow has no header {found}: the spider sends it."
    if problem:
        raise ValueError(problem)


def _header_problem(header: tuple[object, object]) -> str | None:
    name, value = header
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return f"A header is named {name!r}, which no request can have."
    if not isinstance(value, str) or not _VALUE.fullmatch(value):
        return f"The header {name} has the value {value!r}, which no request can have."
    return None


def json_context(context: Mapping[str, Any]) -> dict[str, Any]:
    """`context` as the archive keeps it; ValueError if it is no JSON or too large.

    >>> json_context({"volume": ("One", 1)})
    {'volume': ['One', 1]}
    """
    try:
        text = json.dumps(context, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"A context holds JSON values only: {error}"
        raise ValueError(msg) from error
    if size > MAX_CONTEXT:
        msg = f"A context has {size:,} bytes as JSON; it may have {MAX_CONTEXT:,}."
        raise ValueError(msg)
    kept = json.loads(text)
    if not isinstance(kept, dict):
        msg = f"A context is a dict, not {type(context).__name__}."
        raise ValueError(msg)  # noqa: TRY004 - one class for all that is wrong with it
    if _ZERO.search(text):
        msg = "A context has a zero character, which no database keeps."
        raise ValueError(msg)
    return kept


def request_key(url: str, method: str, body: bytes) -> str:
    """What identifies a request: the URL of a plain one, with a digest of method and body else.

    The digest stands where a fragment does, so a key can be opened as a URL.

    >>> request_key("https://example.org/list", "POST", b"page=2")
    'https://example.org/list#POST-bc7c7eb0ad0afdec22a98aee6437c21b'
    """
    if method == "GET" and not body:
        return url
    return f"{url}#{method}-{sha256(body).hexdigest()[:32]}"
