"""What a Follow may ask for, and what is refused with words."""

from __future__ import annotations

from typing import Any

import pytest

from novel_core import Follow, PageKind, PageRequest
from novel_core.requests import MAX_BODY, MAX_CONTEXT, json_context

URL = "https://example.org/list"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"method": "DELETE"}, "GET or POST"),
        ({"method": "post"}, "GET or POST"),
        ({"body": b"a=1"}, "has the method POST"),
        ({"method": "POST", "body": "a=1"}, "is bytes"),
        ({"method": "POST", "body": b"a" * (MAX_BODY + 1)}, "it may have 65,536"),
        ({"headers": {"X A": "1"}}, "is named 'X A'"),
        ({"headers": {"X-A": "1\r\nCookie: a"}}, "has the value"),
        ({"headers": {"X-A": 1}}, "has the value 1"),
        ({"headers": {"cookie": "a=1"}}, "no header cookie"),
        ({"headers": {"Authorization": "Basic eA=="}}, "no header Authorization"),
        ({"headers": {"Proxy-Authorization": "x"}}, "no header Proxy-Authorization"),
        ({"context": {"at": {1, 2}}}, "JSON values only"),
        ({"context": {"at": float("nan")}}, "JSON values only"),
        ({"context": {"at": "\ud800"}}, "JSON values only"),
        ({"context": {"at": "a\0b"}}, "zero character"),
        ({"context": ["a"]}, "is a dict, not list"),
        ({"context": {"at": "a" * MAX_CONTEXT}}, "it may have 16,384"),
        ({"chapters": ("1", "2"), "markers": ("a",)}, "2 chapters have 1 markers"),
        ({"chapters": ("1",), "batch": 10}, "{ids}"),
        ({"chapters": ("1", "2"), "is_walk": True}, "one chapter"),
    ],
)
def test_a_follow_that_cannot_be_kept_or_sent_is_refused(
    fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError) as caught:
        Follow(URL, PageKind.CHAPTER, **fields)
    assert words in str(caught.value)


def test_an_image_is_plainly_requested() -> None:
    with pytest.raises(ValueError, match="An image is requested with GET"):
        Follow(URL, PageKind.IMAGE, method="POST")
    assert Follow(URL, PageKind.IMAGE, headers={"Referer": URL}).key == URL


def test_a_spider_may_send_who_it_is_and_nothing_impossible() -> None:
    assert PageRequest(URL, headers={"Cookie": "a=1"}).headers == {"Cookie": "a=1"}
    with pytest.raises(ValueError, match="GET or POST"):
        PageRequest(URL, "PUT")


def test_a_context_is_the_same_before_and_after_the_archive() -> None:
    given = {"ids": (1, 2), "by": {1: "one"}, "text": "\\u0000 is no zero character: ü", "no": None}
    kept = Follow(URL, PageKind.INDEX, context=given).context
    assert kept == {
        "ids": [1, 2],
        "by": {"1": "one"},
        "text": "\\u0000 is no zero character: ü",
        "no": None,
    }
    assert json_context(kept) == kept


def test_the_key_of_a_page_is_its_request() -> None:
    plain = Follow(URL, PageKind.INDEX, headers={"X-Requested-With": "fetch"})
    first = Follow(URL, PageKind.INDEX, method="POST", body=b"page=1")
    other = Follow(URL, PageKind.INDEX, method="POST", body=b"page=2")
    empty = Follow(URL, PageKind.INDEX, method="POST")
    assert plain.key == URL
    assert len({plain.key, first.key, other.key, empty.key}) == 4
    assert all(key.startswith(f"{URL}#POST-") for key in (first.key, other.key, empty.key))


def test_batches_keep_order_markers_and_ids() -> None:
    follow = Follow(
        f"{URL}?ids={{ids}}",
        PageKind.CHAPTER,
        chapters=("b", "a", "c/d"),
        markers=("1", None, "3"),
        batch=2,
        context={"list": 1},
    )
    first, second = follow.batches({"a", "b", "c/d"})
    assert (first.url, first.chapters, first.markers) == (
        f"{URL}?ids=b,a",
        ("b", "a"),
        ("1", None),
    )
    assert (second.url, second.markers, second.batch) == (f"{URL}?ids=c%2Fd", ("3",), 0)
    assert second.context == {"list": 1}
    assert follow.batches(()) == []


def test_batches_may_be_posted() -> None:
    follow = Follow(
        URL,
        PageKind.CHAPTER,
        chapters=("1", "2", "3"),
        method="POST",
        body=b'{"ids": [{ids}]}',
        batch=2,
    )
    assert [one.body for one in follow.batches({"1", "2", "3"})] == [
        b'{"ids": [1,2]}',
        b'{"ids": [3]}',
    ]
