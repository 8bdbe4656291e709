"""A synthetic WordPress blog on loopback: its API, pages of posts and of a contents page.

```python
with BlogSite(Blog.generate(chapters=12)) as site:
    ...  # NOVEL_HOST_MAP=site.host_map
```
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from aiohttp import web

from novel_core.lookalike import LookalikeSite

HOST = "tidehouse.example"
_START = datetime(2025, 1, 1, 6, tzinfo=UTC)
_WORDS = "The tide came up to the third step, and the house let it in as it always had."
_FORM = (
    '<form class="post-password-form" action="/wp-login.php?action=postpass" method="post"></form>'
)
_NO_ROUTE = {"code": "rest_no_route", "message": "No route was found.", "data": {"status": 404}}
_CLOSED = {"code": "rest_login_required", "message": "Members only.", "data": {"status": 401}}
_NO_POST = {"code": "rest_post_invalid_id", "message": "Invalid post ID.", "data": {"status": 404}}
_NO_PAGE = {
    "code": "rest_post_invalid_page_number",
    "message": "The page number is larger than the number of pages.",
    "data": {"status": 400},
}


@dataclass
class BlogPost:
    """One post. `categories` are ids; a protected one has no text for visitors."""

    id: int
    title: str
    text: str
    categories: tuple[int, ...]
    date: datetime
    modified: datetime
    is_protected: bool = False

    @property
    def slug(self) -> str:
        return f"chapter-{self.id}"


@dataclass
class Term:
    """A category."""

    id: int
    name: str
    slug: str
    parent: int = 0
    description: str = ""


@dataclass
class Blog:
    """What the blog shows; it may change at any time.

    `contents` is the markup of its contents page, `answers` has other answers by path: status and
    body. `is_open`: visitors may use the API. `stated_more` is added to the totals it states.
    """

    title: str = "The Tide House"
    posts: list[BlogPost] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)
    contents: str = ""
    robots: str = "User-agent: *\nDisallow: /wp-admin/\n"
    is_open: bool = True
    stated_more: int = 0
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def generate(cls, chapters: int = 12, *, arcs: int = 0) -> Blog:
        """A book in category 7, and announcements in another; with arcs as categories inside it."""
        blog = cls(terms=[Term(7, "Salt &amp; Stairs", "salt", description="A house by the sea.")])
        blog.terms.append(Term(2, "Announcements", "news"))
        blog.terms += [Term(20 + arc, f"Arc {arc + 1}", f"arc-{arc + 1}", 7) for arc in range(arcs)]
        for number in range(chapters):
            blog.add(category=20 + number * arcs // chapters if arcs else 7)
        blog.add("We have a newsletter", category=2)
        return blog

    def add(self, title: str | None = None, *, category: int = 7) -> BlogPost:
        number = len(self.posts) + 1
        moment = _START + timedelta(days=number)
        text = f"<p>Post {number}. {_WORDS}</p>\n<p>{_WORDS}</p>"
        post = BlogPost(
            100 + number,
            title or f"{number}. &#8220;Step {number}&#8221;",
            text,
            (category,),
            moment,
            moment,
        )
        self.posts.append(post)
        return post

    def edit(self, post: BlogPost, text: str) -> None:
        """A later save of the post, which WordPress marks."""
        post.text = text
        post.modified = max(one.modified for one in self.posts) + timedelta(hours=1)

    def inside(self, term: int) -> set[int]:
        return {term, *(one.id for one in self.terms if one.parent == term)}

    def of_term(self, term: int) -> list[BlogPost]:
        wanted = self.inside(term)
        return [post for post in self.posts if wanted & set(post.categories)]


class BlogSite(LookalikeSite):
    """Serves one blog."""

    hosts = (HOST,)
    origin = f"https://{HOST}"

    def __init__(self, blog: Blog | None = None, *, port: int = 0) -> None:
        super().__init__(port=port)
        self.blog = blog or Blog.generate()

    def application(self) -> web.Application:
        async def answer(request: web.Request) -> web.StreamResponse:
            self.log.record(request.method, request.path_qs, dict(request.headers))
            known = self.blog.answers.get(request.path_qs) or self.blog.answers.get(request.path)
            if known is not None:
                kind = "application/json" if known[1].startswith(("{", "[")) else "text/html"
                return web.Response(status=known[0], text=known[1], content_type=kind)
            if request.path == "/robots.txt":
                return web.Response(text=self.blog.robots)
            if request.path.startswith("/wp-json/"):
                return self._api(request.path.removeprefix("/wp-json/"), request.query)
            return self._page(request)

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        return app

    def _api(self, route: str, asked: Any) -> web.Response:
        blog = self.blog
        if not blog.is_open:
            return _json(_CLOSED, 401)
        route, _, number = route.removeprefix("wp/v2/").partition("/")
        if route == "":
            found: Any = {"name": blog.title, "description": "A blog", "url": self.origin}
        elif route == "categories" and number:
            found = next((self._term(one) for one in blog.terms if str(one.id) == number), None)
        elif route == "categories":
            found = [self._term(one) for one in blog.terms if asked.get("slug") in {None, one.slug}]
        elif route == "posts" and number:
            found = next(
                (self._post(one, asked) for one in blog.posts if str(one.id) == number), None
            )
        elif route == "posts":
            return self._posts(asked)
        elif route == "pages" and number == "5":
            found = self._contents()
        else:
            return _json(_NO_ROUTE, 404)
        return _json(_NO_POST, 404) if found is None else _json(found)

    def _contents(self) -> dict[str, Any]:
        return {
            "id": 5,
            "link": f"{self.origin}/contents/",
            "title": {"rendered": "Contents"},
            "content": {"rendered": self.blog.contents},
        }

    def _posts(self, asked: Any) -> web.Response:
        blog = self.blog
        category = asked.get("categories[terms]") or asked.get("categories")
        posts = blog.of_term(int(category)) if category else list(blog.posts)
        if "include" in asked:
            wanted = set(asked["include"].split(","))
            posts = [post for post in posts if str(post.id) in wanted]
        if "slug" in asked:
            slugs = set(asked["slug"].split(","))
            posts = [post for post in posts if post.slug in slugs]
        if "tags" in asked:
            posts = []
        by = "modified" if asked.get("orderby") == "modified" else "date"
        posts.sort(
            key=lambda post: (getattr(post, by), post.id), reverse=asked.get("order") != "asc"
        )
        size, page = int(asked.get("per_page", 10)), int(asked.get("page", 1))
        pages = max(1, -(-len(posts) // size))
        if page > pages:
            return _json(_NO_PAGE, 400)
        shown = [self._post(post, asked) for post in posts[(page - 1) * size : page * size]]
        headers = {"X-WP-Total": str(len(posts) + blog.stated_more), "X-WP-TotalPages": str(pages)}
        return _json(shown, headers=headers)

    def _post(self, post: BlogPost, asked: Any) -> dict[str, Any]:
        fields = str(asked.get("_fields", "")).split(",")
        text = "" if post.is_protected else post.text
        row: dict[str, Any] = {
            "id": post.id,
            "date_gmt": f"{post.date:%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{post.modified:%Y-%m-%dT%H:%M:%S}",
            "link": f"{self.origin}/{post.slug}/",
            "slug": post.slug,
            "title": {"rendered": post.title},
            "categories": list(post.categories),
            "content": {"protected": post.is_protected},
        }
        if "content" in fields:
            row["content"]["rendered"] = text
        embedded: dict[str, Any] = {}
        if "author" in str(asked.get("_embed", "")):
            embedded["author"] = [{"id": 3, "name": "Ines", "link": f"{self.origin}/author/ines/"}]
        if "wp:term" in str(asked.get("_embed", "")):
            terms = [one for one in self.blog.terms if one.id in post.categories]
            embedded["wp:term"] = [[self._term(one) | {"taxonomy": "category"} for one in terms]]
        return row | ({"_embedded": embedded} if embedded else {})

    def _term(self, term: Term) -> dict[str, Any]:
        up = (
            [{"href": f"{self.origin}/wp-json/wp/v2/categories/{term.parent}"}]
            if term.parent
            else []
        )
        return {
            "id": term.id,
            "name": term.name,
            "slug": term.slug,
            "parent": term.parent,
            "count": len(self.blog.of_term(term.id)),
            "description": term.description,
            "link": f"{self.origin}/category/{term.slug}/",
            "_links": {"up": up} if up else {},
        }

    def _page(self, request: web.Request) -> web.Response:
        slug = request.path.strip("/")
        number = request.query.get("p")
        if "paged" in request.query or "cat" in request.query:
            return self._archive(request.query)
        for post in self.blog.posts:
            if post.slug == slug or str(post.id) == number:
                return self._html(
                    f"postid-{post.id} single-post",
                    f'<article id="post-{post.id}"><h1 class="entry-title">{post.title}</h1>'
                    f'<a rel="category tag" href="{self._category(post)}">Filed</a>'
                    f'<div class="entry-content">{_FORM if post.is_protected else post.text}</div></article>',
                    f'<link rel="alternate" title="JSON" type="application/json" href="{self.origin}/wp-json/wp/v2/posts/{post.id}" />',
                )
        if slug == "contents":
            return self._html(
                "page-id-5 page",
                f'<article id="post-5"><div class="entry-content">{self.blog.contents}</div></article>',
                f'<link rel="alternate" title="JSON" type="application/json" href="{self.origin}/wp-json/wp/v2/pages/5" />',
            )
        found = re.fullmatch(r"category/(.+)", slug)
        term = next((one for one in self.blog.terms if found and one.slug == found[1]), None)
        if term is not None:
            head = f'<link rel="alternate" title="JSON" type="application/json" href="{self.origin}/wp-json/wp/v2/categories/{term.id}" />'
            return self._html(f"archive category category-{term.id}", "<article></article>", head)
        if slug:
            return web.Response(
                status=404, text="<html><body>Nothing here</body></html>", content_type="text/html"
            )
        return self._html("home blog", "<main>Welcome</main>")

    def _category(self, post: BlogPost) -> str:
        term = next(one for one in self.blog.terms if one.id == post.categories[0])
        return f"{self.origin}/category/{term.slug}/"

    def _archive(self, asked: Any) -> web.Response:
        """Ten posts a page, the newest first."""
        term = next((one for one in self.blog.terms if str(one.id) == asked.get("cat")), None)
        posts = self.blog.of_term(term.id) if term else list(self.blog.posts)
        posts.sort(key=lambda post: post.date, reverse=True)
        page = int(asked.get("paged", 1))
        shown = posts[(page - 1) * 10 : page * 10]
        rows = "".join(
            f'<article id="post-{post.id}"><h2 class="entry-title"><a href="{self.origin}/{post.slug}/">{post.title}</a></h2>'
            f'<time class="entry-date published" datetime="{post.date:%Y-%m-%dT%H:%M:%S+00:00}"></time>'
            '<div class="entry-content"><p>An excerpt…</p></div></article>'
            for post in shown
        )
        more = page * 10 < len(posts)
        query = f"cat={term.id}&amp;" if term else ""
        link = (
            f'<a class="next page-numbers" href="{self.origin}/?{query}paged={page + 1}">Next</a>'
            if more
            else ""
        )
        heading = f'<h1 class="page-title">Category: <span>{term.name}</span></h1>' if term else ""
        return self._html(
            f"archive category-{term.id}" if term else "home blog", heading + rows + link
        )

    def _html(self, classes: str, body: str, head: str = "") -> web.Response:
        api = f'<link rel="https://api.w.org/" href="{self.origin}/wp-json/" />'
        page = (
            f'<!DOCTYPE html><html lang="en-US"><head><title>{escape(self.blog.title)}</title>{api}{head}'
            f'<meta name="generator" content="WordPress 6.8"><meta property="og:site_name" content="{escape(self.blog.title)}">'
            f'</head><body class="{classes}">{body}</body></html>'
        )
        return web.Response(text=page, content_type="text/html")


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status, text=json.dumps(value), content_type="application/json", headers=headers
    )
