"""Pages of software that many sites run, each with its usual marks and no novel."""

from __future__ import annotations

from collections.abc import Iterator

from novel_core.page import Page
from novel_core.source import PageKind

_HTML = {"content-type": "text/html; charset=utf-8"}
#: By the name of the software: the head and the body of a page.
_MARKS = {
    "WordPress": (
        '<meta name="generator" content="WordPress 6.8"><link rel="https://api.w.org/" href="/wp-json/">',
        '<body class="home blog wp-theme-a"><article id="post-1" class="post hentry">',
    ),
    "XenForo": (
        "<title>Forum</title><link rel='search' href='{root}/search/opensearch'>",
        '<body data-template="forum_list"><div class="p-pageWrapper">Community platform by XenForo',
    ),
    "Discourse": (
        '<meta name="generator" content="Discourse 3.5.0">',
        '<body class="crawler"><div id="main-outlet" class="wrap" role="main">',
    ),
    "phpBB": (
        "<title>Index page</title>",
        '<body id="phpbb" class="nojs section-index ltr"><div id="wrap" class="wrap">',
    ),
    "MediaWiki": (
        '<meta name="generator" content="MediaWiki 1.44.0">',
        '<body class="mediawiki ltr sitedir-ltr"><div id="mw-content-text" class="mw-body-content">',
    ),
    "vBulletin": (
        '<meta name="generator" content="vBulletin 4.2.5">',
        '<body><div id="vbflink_pagetop"><div class="body_wrapper">',
    ),
    "eFiction": (
        '<title>Archive</title><script src="{root}/includes/javascript.js"></script>',
        '<body><div id="container"><div class="listbox">Powered by eFiction 3.5.3',
    ),
    "Ghost": (
        '<meta name="generator" content="Ghost 6.0">',
        '<body class="home-template"><main class="gh-main">',
    ),
}


def pages_of_other_software(*own: str) -> Iterator[Page]:
    """A page of each software, but for those whose names are among the texts `own`.

    >>> len(list(pages_of_other_software("A family of XenForo forums")))
    7
    """
    told = " ".join(own).lower()
    for name, (head, body) in _MARKS.items():
        if name.lower() in told:
            continue
        root = f"https://{name.lower()}.example"
        html = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{head}</head>{body}'
            f'<a class="home" href="{{root}}/">Home</a></div></body></html>'
        ).replace("{root}", root)
        yield Page(f"{root}/", PageKind.INDEX, html.encode(), headers=_HTML)
