"""The web page as a browser without scripts sees it: its HTML taken apart, its forms sent."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import lxml.html

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
#: As a title and as a text: nothing of it may run, or load anything.
HOSTILE = '<script>alert("x")</script> & "quoted" \'single\' {{ 7 * 7 }}'
HOSTILE_TEXT = (
    "<script>steal()</script><p onclick='x()' style='background:url(https://evil.example/a)'>Calm words.</p>"
    "<img src='https://evil.example/track.png' alt='a \"boat\" <b>'><img src='https://evil.example/b.png'>"
    "<a href='https://other.example/'>away</a><a href='javascript:x()'>run</a>"
    "<iframe src='https://evil.example/'></iframe><form action='/add'><input name='url'></form>"
    "<details><summary>Spoiler</summary><p>It was the keeper.</p></details>"
    "<p style='text-align:center;color:#c00'>Red.</p><table><tr><td>1</td></tr></table>"
    "<div hx-get='/add' data-hx-get='/add' id='main' class='skip align-right'>tags</div>"
)


@dataclass
class Reply:
    """An answer and its HTML."""

    response: httpx.Response
    document: lxml.html.HtmlElement = field(init=False)

    def __post_init__(self) -> None:
        self.document = lxml.html.document_fromstring(self.response.text)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """What a reader sees, in one line."""
        return " ".join(self.document.text_content().split())

    def find(self, path: str) -> list[lxml.html.HtmlElement]:
        found: list[lxml.html.HtmlElement] = self.document.xpath(path)
        return found


@dataclass
class Visitor:
    """A browser without scripts: it keeps cookies, and sends forms."""

    client: httpx.Client

    def get(self, path: str, **query: str) -> Reply:
        return Reply(self.client.get(path, params=query or None, headers=HTML))

    def send(self, path: str, **fields: str) -> httpx.Response:
        """Send a form as a page of the library does."""
        headers = HTML | {"Sec-Fetch-Site": "same-origin"}
        # A form without fields has an empty body, and its type all the same.
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.client.post(path, data=fields, headers=headers)
