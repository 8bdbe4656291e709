"""The markup of the forum's pages, in the forms of XenForo 2.2 and 2.3."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from novel_xenforo_lookalike.forum import CATEGORIES, Forum, Mark, Post, Thread

#: The script that a shield in front of the forum adds to every good page.
_SHIELD = "<script>window.__CF$cv$params={r:'1'};</script><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
CHALLENGE = (
    "<!DOCTYPE html><html lang='en-US'><head><title>Just a moment...</title></head><body>"
    "<script>window._cf_chl_opt = {cType: 'managed'};</script></body></html>"
)


class Pages:
    """Writes the pages of one forum."""

    def __init__(self, forum: Forum) -> None:
        self._forum = forum

    def address(self, route: str) -> str:
        """The path of a route, below the forum's folder."""
        return f"{self._forum.prefix}/{'index.php?' if self._forum.in_query else ''}{route}"

    def below(self, thread: Thread, more: str = "") -> str:
        return self.address(f"threads/{thread.slug}.{thread.id}/{more}")

    def frame(
        self, template: str, body: str, *, thread: Thread | None = None, title: str = ""
    ) -> str:
        forum = self._forum
        key = f' data-content-key="thread-{thread.id}"' if thread else ""
        version = ' data-xf="2.3"' if forum.version == "2.3" else ""
        feed = (
            f'<a href="{self.address("whats-new/threadmarks/")}">New threadmarks</a>'
            if forum.has_add_on
            else ""
        )
        return (
            f'<!DOCTYPE html><html id="XF" lang="en-US" data-app="public" data-template="{template}"'
            f'{key}{version} data-logged-in="false" data-cookie-prefix="xf_"><head><meta charset="utf-8">'
            f'<title>{escape(title)} | Example Forum</title><meta property="og:site_name" content="Example Forum">'
            f'<meta property="og:image" content="/logo.png"></head><body><div class="p-body">{feed}'
            f'<a href="{self.address("forums/stories.2/")}">Stories</a>{body}</div>'
            "<footer>Community platform by XenForo</footer>"
            f"<script>XF.config = {{url: {{ fullBase: 'https://{forum.host}{forum.prefix}/' }},"
            " phrases: {error: 'Oops! We ran into some problems.'}};</script>"
            f"{_SHIELD}</body></html>"
        )

    def error(self, message: str, *, login: bool = False) -> str:
        form = '<form action="/login/login"><input name="login"></form>' if login else ""
        block = (
            f'<div class="p-body-pageContent"><div class="blockMessage">{message}</div>{form}</div>'
        )
        return self.frame("login" if login else "error", block, title="Error")

    def time(self, moment: int, kind: str = "u-dt") -> str:
        written = datetime.fromtimestamp(moment, UTC)
        iso = written.strftime("%Y-%m-%dT%H:%M:%S+0000")
        if self._forum.version == "2.3":
            clock = f'data-timestamp="{moment}" data-date="{written:%b %d, %Y}" data-time="{written:%I:%M %p}"'
        else:
            clock = f'data-time="{moment}" data-date-string="{written:%b %d, %Y}"'
        return f'<time class="{kind}" datetime="{iso}" {clock}>Yesterday</time>'

    def threadmarks(self, thread: Thread, category: str, size: int, number: int) -> str:
        forum, marks = self._forum, thread.of_category(category)
        size = size if size in forum.sizes else min(forum.sizes)
        shown = marks[(number - 1) * size : number * size]
        last = max(1, -(-len(marks) // size))
        rows = "".join(self._row(thread, mark) for mark in shown)
        options = "".join(
            f'<option value="{one}"{" selected" if one == size else ""}>{one}</option>'
            for one in forum.sizes
        )
        tabs = "".join(
            f'<a class="tabs-tab" href="{self.below(thread, f"threadmarks?threadmark_category={key}")}">{CATEGORIES[key]}</a>'
            for key in thread.categories
        )
        authors = "".join(
            f'<tr class="dataList-row"><td><a class="username" data-user-id="{len(name)}" href="/members/{name.lower()}.{len(name)}/">'
            f"{name}</a></td><td>{sum(mark.author == name for mark in marks)}</td></tr>"
            for name in dict.fromkeys(mark.author for mark in marks)
        )
        body = (
            f'<div class="p-title"><h1 class="p-title-value">{self._prefix(thread)}{escape(thread.title)}</h1></div>'
            f"{self._header(thread)}"
            f'<h4 class="block-tabHeader block-tabHeader--threadmarkCategoryTabs">{tabs}</h4><ul class="tabPanes">'
            f'<li role="tabpanel" aria-labelledby="threadmark-category-{category}">'
            f'<h3 class="block-formSectionHeader">Statistics ({len(marks) + forum.stated_more:,} threadmarks, 177k words)</h3>'
            f'<table class="dataList-table"><tr class="dataList-row dataList-row--header"><th>User</th><th>Total</th></tr>{authors}</table>'
            f'<div class="threadmarks-pagenav--wrapper category-{category}">{self._page_links(last)}</div>'
            f'<div class="block-body block-body--threadmarkBody category-{category}">{rows}</div>'
            f'<select name="per_page">{options}</select></li></ul>'
        )
        return self.frame("svThreadmarks_threadmark_list", body, thread=thread, title=thread.title)

    def _page_links(self, last: int) -> str:
        links = "".join(
            f'<li class="pageNav-page"><a href="?page={page}">{page}</a></li>'
            for page in range(1, last + 1)
        )
        return f'<ul class="pageNav-main">{links}</ul>' if last > 1 else ""

    def _prefix(self, thread: Thread) -> str:
        if thread.prefix is None:
            return ""
        label = f'<span class="label label--red">{escape(thread.prefix)}</span>'
        return f'<a href="/forums/stories.2/?prefix_id=1" class="labelLink">{label}</a><span class="label-append">&nbsp;</span>'

    def _header(self, thread: Thread) -> str:
        first = thread.posts[0].posted
        pairs = {"Created": self.time(first), "Watchers": "1,093", "Recent readers": "240"}
        if thread.status:
            pairs["Status"] = thread.status
        stats = "".join(
            f'<dl class="pairs pairs--rows"><dt>{name}</dt><dd>{value}</dd></dl>'
            for name, value in pairs.items()
        )
        icon = (
            '<span class="threadmarkListingHeader-icon"><img src="/data/threadmark-index-icons/l/7.jpg"'
            ' srcset="/data/threadmark-index-icons/h/7.jpg 2x"></span>'
            if thread.has_cover
            else ""
        )
        tags = "".join(
            f'<a class="tagItem tagItem--tag_{escape(name.lower().replace(" ", "-"))}" href="/tags/x/">{self._icon(kind)}{escape(name)}</a>'
            for name, kind in thread.tags
        )
        return (
            f'<div class="threadmarkListingHeader">{icon}<div class="threadmarkListingHeader-stats">{stats}</div>'
            f'<div class="threadmarkListingHeader-tags"><dl class="tagList"><dd>{tags}</dd></dl></div><div class="threadmarkListingHeader-extraInfo">'
            f'<article class="threadmarkListingHeader-extraInfoChild"><div class="bbWrapper">{thread.description}</div></article></div></div>'
        )

    def _icon(self, kind: str) -> str:
        if self._forum.version == "2.3":
            return f'<i class="fa--xf"><svg><title>{kind}</title></svg></i>'
        return f'<i class="fa--xf" title="{kind}"></i>'

    def _row(self, thread: Thread, mark: Mark) -> str:
        post = next(one for one in thread.posts if one.id == mark.post)
        return (
            f'<div class="structItem structItem--threadmark" data-content-author="{mark.author}" data-content-date="{post.posted}">'
            f'<div class="structItem-cell structItem-cell--main"><div class="structItem-title threadmark_depth{mark.depth}"><ul><li>'
            f'<a href="{self.below(thread, f"#post-{post.id}")}" data-preview-url="{self.address(f"posts/{post.id}/preview-threadmark")}">'
            f"{escape(mark.title)}</a></li></ul></div></div>"
            '<div class="structItem-cell structItem-cell--meta"><dl class="pairs"><dt>Words</dt><dd>2.9k</dd></dl></div>'
            f'<div class="structItem-cell structItem-cell--latest">{self.time(post.posted + 90, "structItem-latestDate u-dt")}</div></div>'
        )

    def posts(self, thread: Thread, shown: list[Post], last: int, template: str) -> str:
        marks = {mark.post: mark for mark in thread.marks}
        articles = "".join(self._article(post, marks.get(post.id)) for post in shown)
        widget = (
            '<div class="structItem structItem--threadmark structItem--threadmark-filler" title="9 hidden"></div>'
            if template == "thread_view"
            else ""
        )
        head = f'<h1 class="p-title-value">{self._prefix(thread)}{escape(thread.title)}</h1>{widget}{self._page_links(last)}'
        return self.frame(template, head + articles, thread=thread, title=thread.title)

    def _article(self, post: Post, mark: Mark | None) -> str:
        classes, header = "message message--post js-post", ""
        if mark is not None:
            classes += f" hasThreadmark threadmark-category-{mark.category}"
            label = f'<span class="threadmarkLabel" id="threadmark-{post.id}">{escape(mark.title)}</span>'
            header = f'<div class="message-cell message-cell--threadmark-header">{label * (2 if self._forum.version == "2.3" else 1)}</div>'
        edit = (
            f'<div class="message-lastEdit">Last edited: {self.time(post.edited)}</div>'
            if post.edited
            else ""
        )
        return (
            f'<span class="u-anchorTarget" id="post-{post.id}"></span>'
            f'<article class="{classes}" data-author="{post.author}" data-content="post-{post.id}" id="js-post-{post.id}">'
            f'<span class="u-anchorTarget" id="post-{post.id}"></span>{header}'
            f'<section class="message-user"><a class="username" data-user-id="{len(post.author)}" href="/members/x.1/">{post.author}</a></section>'
            f'<header class="message-attribution">{self.time(post.posted)}</header><div class="message-userContent">'
            f'<article class="message-body"><div itemprop="text"><div class="bbWrapper">{post.text}</div></div></article></div>{edit}'
            '<aside class="message-signature"><div class="bbWrapper">My other stories</div></aside></article>'
        )
