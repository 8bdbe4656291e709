"""The posts on a page: those with a threadmark are chapters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from novel_core import (
    Chapter,
    Element,
    PageChanged,
    drop,
    inner_html,
    select,
    text_of,
)
from novel_xenforo.markup import cleaned
from novel_xenforo.urls import Addresses
from novel_xenforo.views import ForumPage, time_of

_POSTS = "article.message[data-content]"
_POST_KEY = re.compile(r"post-0*([1-9][0-9]{0,11})")
_PICTURE = re.compile(r"[-.](?:jpe?g|png|gif|webp|avif|bmp)(?:\.[0-9]+)?/?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Post:
    """One post. The element `#post-7` is an empty anchor, and may occur twice."""

    id: str
    article: Element

    @property
    def is_marked(self) -> bool:
        return "hasThreadmark" in (self.article.attributes.get("class") or "").split()

    @property
    def title(self) -> str:
        """The label; XenForo 2.3 has it twice, for narrow and for wide screens."""
        label = self.article.css_first("span.threadmarkLabel")
        return text_of(label) if label is not None else ""

    def read_html(self) -> str | None:
        """The author's text with its dice and attachments, without the signature; None without one."""
        body = self.article.css_first(".message-userContent .message-body")
        text = body.css_first(".bbWrapper") if body is not None else None
        if body is None or text is None:
            return None
        # Quoted posts and the signature have wrappers of their own: only the first counts.
        dice = "".join(
            f"<blockquote>{box.html}</blockquote>"
            for box in select(body, "fieldset.dice_container")
        )
        drop(select(text, "fieldset.dice_container"))
        markup = inner_html(cleaned(text)) + dice + "".join(self._attachments())
        return markup or None

    def _attachments(self) -> Iterator[str]:
        """Files below the text. The engine requests their pictures as robots.txt allows."""
        for link in select(self.article, "section.message-attachments a[href]"):
            address = link.attributes.get("href") or ""
            if "attachments/" not in address or (
                not text_of(link) and link.css_first("img") is None
            ):
                continue
            image = link.css_first("img")
            name = (image.attributes.get("alt") or "") if image is not None else text_of(link)
            if image is not None or _PICTURE.search(address):
                yield f'<p><img src="{escape(address)}" alt="{escape(name)}"></p>'
            else:
                yield f'<p><a href="{escape(address)}">{escape(name, quote=False)}</a></p>'

    @property
    def edited(self) -> Element | None:
        return self.article.css_first(".message-lastEdit time")

    @property
    def posted(self) -> Element | None:
        return self.article.css_first(
            'header.message-attribution time, time[itemprop="datePublished"]'
        )


def posts_on(view: ForumPage) -> dict[str, Post]:
    """The posts by their ids, each once; PageChanged for a page without any."""
    found: dict[str, Post] = {}
    for article in view.document.css(_POSTS):
        if key := _POST_KEY.fullmatch(article.attributes.get("data-content") or ""):
            found.setdefault(key[1], Post(key[1], article))
    if not found:
        raise PageChanged("The page has no posts", url=view.page.url, selector=_POSTS)
    return found


def read_chapters(
    view: ForumPage, posts: dict[str, Post], addresses: Addresses
) -> tuple[list[Chapter], list[str]]:
    """The chapters among the posts, and warnings for those without a text."""
    chapters: list[Chapter] = []
    warnings: list[str] = []
    for post in posts.values():
        if not post.is_marked and post.id not in view.page.chapters:
            # A reader's comment.
            continue
        markup = post.read_html()
        if markup is None:
            warnings.append(f"Post {post.id} has no text.")
            continue
        chapters.append(
            Chapter.model_validate(
                {
                    "source_id": post.id,
                    "title": post.title or f"Post {post.id}",
                    "url": addresses.post_of_thread(view.thread, post.id),
                    "content_html": markup,
                    "base_url": view.document.base_url,
                    "published_at": time_of(post.posted),
                    "edited_at": time_of(post.edited),
                }
            )
        )
    return chapters, warnings
