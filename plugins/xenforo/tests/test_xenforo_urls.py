"""Addresses of a forum: every form that people paste, and those that are no novel."""

from __future__ import annotations

import pytest

from novel_core import Site, UrlKind
from novel_xenforo.urls import Addresses

PLAIN = Addresses(Site("forum", "xenforo", "https://forum.example"))
FOLDER = Addresses(Site("boards", "xenforo", "https://boards.example/forum"))
QUERY = Addresses(Site("plain", "xenforo", "https://plain.example"), in_query=True)
LIST = "https://forum.example/threads/7/threadmarks"


@pytest.mark.parametrize(
    "path",
    [
        "threads/a-tale.7/",
        "threads/a-tale.7",
        "threads/7/",
        "threads/7/threadmarks",
        "threads/a-tale.7/page-12",
        "threads/a-tale.7/threadmarks?per_page=200&page=2",
        "threads/a-tale.7/reader/page-3",
        "threads/a-tale.7/16/reader/",
        "threads/a-tale.7/unread",
        "threads/%E9%A2%A8.7/",
        "threads/a.b.c.7/?utm_source=x",
        "index.php?threads/a-tale.7/page-2",
    ],
)
def test_a_thread(path: str) -> None:
    match = PLAIN.match(f"https://forum.example/{path}")
    assert match is not None
    assert (match.kind, match.url, match.novel_id) == (UrlKind.NOVEL, LIST, "7")
    assert PLAIN.match(match.url) == match


@pytest.mark.parametrize("path", ["posts/91/", "posts/91", "goto/post?id=91", "showpost.php?p=91"])
def test_a_post_names_its_thread_later(path: str) -> None:
    match = PLAIN.match(f"https://forum.example/{path}")
    assert match is not None
    assert (match.url, match.chapter_id) == ("https://forum.example/posts/91/", "91")
    assert match.is_provisional


def test_a_post_of_a_thread() -> None:
    match = PLAIN.match("https://forum.example/threads/a-tale.7/post-91")
    assert match is not None
    assert (match.novel_id, match.chapter_id, match.novel_url) == ("7", "91", LIST)


def test_a_folder_and_a_forum_without_friendly_addresses() -> None:
    folder = FOLDER.match("https://boards.example/forum/threads/a-tale.7/")
    query = QUERY.match("https://plain.example/index.php?threads/a-tale.7/page-2&x=1")
    assert folder is not None
    assert query is not None
    assert folder.url == "https://boards.example/forum/threads/7/threadmarks"
    assert query.url == "https://plain.example/index.php?threads/7/threadmarks"
    assert QUERY.match(query.url) == query


@pytest.mark.parametrize(
    "path",
    [
        "",
        "threads/",
        "threads/a-tale/",
        "threads/0/",
        "threads/a-tale.7777777777777/",
        "forums/stories.2/",
        "members/ann.7/",
        "posts/",
        "posts/x/",
        "goto/post?id=x",
        "threadsx/7/",
        "index.php?forums/stories.2/",
    ],
)
def test_what_is_no_novel(path: str) -> None:
    assert PLAIN.match(f"https://forum.example/{path}") is None


def test_another_place() -> None:
    assert FOLDER.match("https://boards.example/threads/a-tale.7/") is None
    assert PLAIN.match("https://other.example/threads/a-tale.7/") is None
