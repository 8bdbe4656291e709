"""The parts of all pages: head, header, an empty flash, footer; and the tokens of each response."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from novel_ao3_lookalike.library import Creator

_TOKENS = itertools.count(1)
_ESCAPES = {"/": "*s*", "&": "*a*", ".": "*d*", "?": "*q*", "#": "*h*"}
_JSD = (
    "<script>(function(){window.__CF$cv$params={r:'look',t:'alike'};var a=document.createElement('script');"
    "a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js';})();</script>"
)


def page(
    title: str, classes: str, main: str, *, head: str = "", flash: str = "", has_jsd: bool = False
) -> str:
    token = f"lookalike-{next(_TOKENS)}"
    notice = f'<div class="flash error">{flash}</div>' if flash else '<div class="flash"></div>'
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="keywords" content="fanfiction, otw, archive" />
  <meta name="author" content="Organization for Transformative Works" />
  <meta name="description" content="The same on every page" />
  <meta name="language" content="en-US" />
  <meta name="csrf-token" content="{token}" />{head}
  <title>
    {title}
  </title>
</head>
<body class="logged-out">
<div id="outer" class="wrapper">
<ul id="skiplinks"><li><a href="#main">Main Content</a></li></ul>
<header id="header" class="region">
  <h1 class="heading"><a href="/"><span>Archive of Our Own</span><sup> beta</sup></a></h1>
  <div id="login" class="dropdown"><form class="new_user simple login" id="new_user_session_small" action="/users/login" method="post">
    <input type="hidden" name="authenticity_token" value="{token}" /></form></div>
  <nav><ul class="primary navigation actions"><li><a href="/menu/fandoms">Fandoms</a></li></ul></nav>
</header>
<div id="inner" class="wrapper">
<div id="admin-banner" class="admin announcement"><blockquote class="userstuff"><p>Not a work.</p></blockquote></div>
<div id="main" class="{classes}" role="main">
{notice}
{main}
</div>
</div>
<div id="footer" role="contentinfo" class="region"><ul><li><a href="https://github.com/otwcode/otwarchive/">otwarchive v1.0.0.1</a></li></ul></div>
</div>{_JSD if has_jsd else ""}
</body>
</html>
"""


def byline(creators: Sequence[Creator]) -> str:
    """Links, by name; without any, the work is anonymous."""
    if not creators:
        return "Anonymous"
    return ", ".join(map(author_link, sorted(creators, key=lambda creator: creator.name.lower())))


def author_link(creator: Creator) -> str:
    pseud = quote(creator.pseud or creator.login, safe="")
    return (
        f'<a rel="author" href="/users/{creator.login}/pseuds/{pseud}">{escape(creator.name)}</a>'
    )


def tag_link(name: str) -> str:
    address = "".join(_ESCAPES.get(character, character) for character in name)
    return f'<a class="tag" href="/tags/{quote(address, safe="*()")}/works">{escape(name)}</a>'
