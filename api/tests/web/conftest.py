"""A visitor of the page, and a novel whose every word is hostile."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from served import Serve, Served
from toysite import ToyChapter, ToySite
from visiting import HOSTILE, HOSTILE_TEXT, Visitor


@pytest.fixture
def visitor(api_with_site: Served) -> Visitor:
    return Visitor(api_with_site.client)


@pytest.fixture
def book(api_with_site: Served, site: ToySite) -> str:
    """The slug of a novel whose every text is hostile; chapter 3 is locked, chapter 2 was revised once."""
    work = site.works["1"]
    work.title = f"A Tale {HOSTILE}"
    work.authors = [f"Ann {HOSTILE}"]
    work.chapters = [
        ToyChapter(str(number), f"{HOSTILE} {number}", [HOSTILE_TEXT + f"<p>Line {number}.</p>"])
        for number in range(1, 5)
    ]
    work.chapters[2].locked = True
    url = "https://toy.example/works/1"
    api_with_site.bench.ingest(url)
    work.chapters[1].parts = [HOSTILE_TEXT + "<p>Line two, &lt;script&gt; and all.</p>"]
    api_with_site.bench.ingest(url, recheck=10)
    return str(api_with_site.bench.value("SELECT slug FROM novels"))


@pytest.fixture
def signed_in(serve: Serve, site: ToySite) -> Callable[..., Visitor]:
    """`signed_in("read")`: a visitor of an API that has a key with these scopes."""

    def start(*scopes: str) -> Visitor:
        api = serve(host_map={"toy.example": site.url})  # type: ignore[attr-defined]
        secret = api.key(*scopes)["Authorization"].removeprefix("Bearer ")
        visitor = Visitor(api.client)
        answer = visitor.send("/sign-in", key=secret)
        assert answer.status_code == 303, answer.text
        assert not re.search(re.escape(secret), str(answer.headers))
        return visitor

    return start
