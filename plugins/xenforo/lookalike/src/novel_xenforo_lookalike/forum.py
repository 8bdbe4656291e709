"""A made-up forum: its threads, their posts and threadmarks, and what can be switched."""

from __future__ import annotations

from dataclasses import dataclass, field

#: 2026-01-01, in seconds since 1970.
_START = 1_767_225_600
_DAY = 86_400
_WORDS = (
    "The ferry left before dawn, and nobody on the quay said a word about the crates.",
    "Below deck the lamps were turned down, one after the other.",
    "“You count them twice,” said the mate, “or you do not count them at all.”",
    "By noon the fog had gone, and so had the second boat.",
)
_TITLES = ("Fog", "Interlude", "The Crates", "A Letter from the North", "Low Water", "Interlude")
#: Categories of threadmarks by number.
CATEGORIES = {"1": "Threadmarks", "16": "Sidestory", "13": "Apocrypha"}


@dataclass
class Post:
    """One post. `edited` is the time of its visible edit, `text` its markup."""

    id: int
    author: str
    text: str
    posted: int
    edited: int | None = None


@dataclass
class Mark:
    """A threadmark: the post that it is on, its title and category."""

    post: int
    title: str
    category: str = "1"
    author: str = "Ferrywoman"
    depth: int = 0


@dataclass
class Thread:
    """A thread; without marks it has no list."""

    id: int
    title: str = "The Grey Ferry"
    slug: str = "the-grey-ferry"
    status: str | None = "Ongoing"
    prefix: str | None = "Original"
    tags: tuple[tuple[str, str], ...] = (("adventure", "Genre"), ("Mate Orrin", "Character"))
    description: str = "A ferry, a fog, and forty crates.<br />\n<br />\nUpdates on Fridays."
    has_cover: bool = True
    posts: list[Post] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def add(
        self, title: str | None = None, category: str = "1", author: str = "Ferrywoman"
    ) -> Mark:
        """A new marked post, and a reader's comment after it."""
        number = len(self.marks)
        post = Post(
            self.id * 100_000 + len(self.posts) * 7 + 1,
            author,
            f"Part {number + 1}. {_WORDS[number % 4]}<br />\n<br />\n{_WORDS[(number + 1) % 4]}",
            _START + number * _DAY,
        )
        reply = Post(post.id + 3, "Reader", "Thanks for the update!", post.posted + 3600)
        self.posts += [post, reply]
        mark = Mark(post.id, title or _TITLES[number % len(_TITLES)], category, author)
        self.marks.append(mark)
        return mark

    def edit(self, post_id: int, text: str) -> None:
        """The author changes a post; the list shows nothing of it."""
        [post] = [one for one in self.posts if one.id == post_id]
        post.text, post.edited = text, post.posted + 7200

    def of_category(self, category: str) -> list[Mark]:
        return [mark for mark in self.marks if mark.category == category]

    @property
    def categories(self) -> list[str]:
        return [key for key in CATEGORIES if self.of_category(key)]


def thread(thread_id: int = 7, marks: int = 12, sidestories: int = 0) -> Thread:
    """A thread with so many threadmarks, and as many sidestories by somebody else.

    >>> [mark.title for mark in thread(7, marks=2).marks]
    ['Fog', 'Interlude']
    """
    made = Thread(thread_id)
    for _ in range(marks):
        made.add()
    for number in range(sidestories):
        made.add(f"Aside {number + 1}", "16", "Deckhand")
    return made


@dataclass
class Forum:
    """A forum at `host`, in the folder `prefix`. `answers` has other answers by path: status and body.

    `stated_more` is added to the numbers that it states; `reader_closed` shows the reader pages to
    members only; `skew` is by how much a reader page is longer than the others.
    """

    host: str = "forum.example"
    prefix: str = ""
    version: str = "2.2"
    in_query: bool = False
    has_add_on: bool = True
    sizes: tuple[int, ...] = (25, 50, 100, 200)
    reader_posts: int = 10
    thread_posts: int = 25
    reader_closed: bool = False
    stated_more: int = 0
    skew: int = 0
    robots: str = (
        "User-agent: *\nAllow: /\n\nUser-agent: *\nDisallow: /attachments/\nDisallow: /goto/\n"
    )
    threads: dict[int, Thread] = field(default_factory=dict)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
