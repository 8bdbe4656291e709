"""Pages that a site, or a proxy before it, may serve in place of the page requested."""

from __future__ import annotations

from dataclasses import dataclass, field

from novel_core.page import Page
from novel_core.source import PageKind

_HTML = {"content-type": "text/html; charset=utf-8"}
#: Tags nested in each other: five megabytes of them.
_NESTED = 1_000_000


@dataclass(frozen=True, slots=True)
class UnexpectedPage:
    """A page with neither a novel nor a chapter."""

    name: str
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: dict(_HTML))

    def page(self, kind: PageKind, url: str, chapters: tuple[str, ...] = ()) -> Page:
        return Page(
            url=url,
            kind=kind,
            body=self.body,
            status=self.status,
            headers=self.headers,
            requested_url=url,
            chapters=chapters,
        )


def _document(title: str, body: str) -> bytes:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>"
    ).encode()


_CHALLENGE = _document(
    "Just a moment...",
    '<div class="main-wrapper"><h1>example.org</h1>'
    '<h2 id="challenge-running">Checking that you are a person</h2>'
    '<div id="challenge-error-text">Enable JavaScript and cookies to continue</div></div>'
    "<script>window._cf_chl_opt={cvId:'3'};</script>",
)

UNEXPECTED_PAGES: tuple[UnexpectedPage, ...] = (
    UnexpectedPage("an empty body", b""),
    UnexpectedPage("white space only", b" \n\t "),
    UnexpectedPage("an empty document", _document("", "")),
    UnexpectedPage("half a tag", b"<!DOCTYPE html><html><head><title>A ti"),
    UnexpectedPage(
        "a challenge for browsers", _CHALLENGE, 403, {**_HTML, "cf-mitigated": "challenge"}
    ),
    UnexpectedPage("a challenge with status 200", _CHALLENGE),
    UnexpectedPage("a missing page with status 404", _document("404", "<h1>Not Found</h1>"), 404),
    UnexpectedPage(
        "a missing page with status 200",
        _document(
            "Page not found", "<h1>404</h1><p>This page does not exist.</p><a href='/'>Home</a>"
        ),
    ),
    UnexpectedPage(
        "a login page",
        _document(
            "Sign in",
            '<form action="/login" method="post"><input name="email">'
            '<input type="password" name="password"></form>',
        ),
    ),
    UnexpectedPage(
        "another site's page",
        _document(
            "A recipe for bread",
            '<nav><a href="https://elsewhere.example/1">One</a></nav><article class="recipe">'
            "<p>Flour, water, salt.</p></article><footer>2026</footer>",
        ),
    ),
    UnexpectedPage("an error of the server", _document("502", "<h1>Bad Gateway</h1>"), 502),
    UnexpectedPage(
        "JSON", b'{"error": "not here", "items": []}', 200, {"content-type": "application/json"}
    ),
    UnexpectedPage(
        "an image", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), 200, {"content-type": "image/png"}
    ),
    UnexpectedPage("bytes that are no text", bytes(range(256)) * 20),
    UnexpectedPage(
        "a wrong encoding",
        "<h1>Überschrift</h1>".encode("utf-16"),
        200,
        {"content-type": "text/html; charset=no-such"},
    ),
    UnexpectedPage("five megabytes of nested tags", b"<div>" * _NESTED),
    UnexpectedPage("one line of five megabytes", b"<p>" + b"word " * _NESTED + b"</p>"),
)
