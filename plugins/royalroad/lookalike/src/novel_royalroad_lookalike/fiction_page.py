"""The page of a fiction in the legacy layout."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from novel_royalroad_lookalike import book_data, chapter_lists, frame
from novel_royalroad_lookalike.emails import protect
from novel_royalroad_lookalike.encoding import encode, iso_seconds, long_time
from novel_royalroad_lookalike.fiction_stats import statistics
from novel_royalroad_lookalike.model import FictionModel
from novel_royalroad_lookalike.prose import dice
from novel_royalroad_lookalike.switches import SiteSwitches
from novel_royalroad_lookalike.template import Template
from novel_royalroad_lookalike.vocabulary import NO_COVER

_DESCRIPTION_LENGTH = 200
_TAGS = re.compile(r"<[^>]*>")
# With 5,000 chapters a page has 6 MB.
_KEPT_PAGES = 8


def render(fiction: FictionModel, switches: SiteSwitches) -> str:
    """The whole page, the same for every request until the fiction changes."""
    return _page(fiction, fiction.revision, switches.list_rows, switches.list_script)


@lru_cache(maxsize=_KEPT_PAGES)
def _page(fiction: FictionModel, _revision: int, rows: int | None, with_script: bool) -> str:
    body = f"""<div class="container">
{_header(fiction)}
<div class="fiction row">
<div class="col-sm-12">
{_sidebar(fiction)}
<div class="fiction-info">
{_information(fiction)}
{statistics(fiction)}
{frame.advertisement("Fiction_Mid")}
{_author_card(fiction, "visible-xs visible-sm")}
{_contents(fiction, rows)}
</div>
</div>
</div>
</div>
{chapter_lists.script(fiction, with_chapters=with_script)}"""
    page = frame.page(head=head(fiction), body=body, route="Fictions.Index")
    return Template(page).fill(dice(fiction.id))


def head(fiction: FictionModel) -> str:
    """Title, meta elements and JSON-LD; there is no og:title."""
    title, author = encode(fiction.title), encode(fiction.author)
    plain = " ".join(html.unescape(_TAGS.sub(" ", fiction.description)).split())
    if len(plain) > _DESCRIPTION_LENGTH:
        plain = f"{plain[:_DESCRIPTION_LENGTH]}(...)"
    description = encode(plain)
    url, cover = encode(fiction.url), encode(fiction.cover_url or NO_COVER)
    return f"""    <title>{title} | Royal Road</title>
    <meta name="keywords" content="{title};royalroad;free books online;web fiction">
    <meta name="description" content="{description}">
    <meta property="og:type" content="books.book">
    <meta property="og:url" content="{url}">
    <meta property="og:image" content="{cover}">
    <meta property="og:site_name" content="Royal Road">
    <meta property="og:description" content="{description}">
    <meta name="twitter:title" content="{title}">
    <meta name="twitter:creator" content="{author}">
{_rating(fiction)}    <meta property="books:author" content="{author}">
    <link rel="canonical" href="{url}"/>
    <link rel="alternate" type="application/rss+xml" title="Updates for {title}" href="/syndication/{fiction.id}"/>
    {book_data.script(fiction)}"""


def _rating(fiction: FictionModel) -> str:
    overall = fiction.scores.get("Overall")
    if overall is None:
        return ""
    return f"""    <meta property="books:rating:value" content="{overall:.6f}">
    <meta property="books:rating:scale" content="5">
"""


def _header(fiction: FictionModel) -> str:
    listed = fiction.listed
    start = fiction.chapter_path(listed[0]) if listed else fiction.path
    return f"""<div class="row fic-header">
    <div class="col-md-3 text-center cover-col">
        <div class="cover-art-container">
            {frame.cover_image(fiction.cover_url or NO_COVER, fiction.title, "thumbnail inline-block")}
        </div>
    </div>
    <div class="col-md-5 col-lg-6 text-center md-text-left fic-title">
        <div class="col">
            <h1 class="font-white">{protect(encode(fiction.title))}</h1>
            <h4 class="font-white">
                <span class="small font-white">by </span>
                <span>
                    <a href="/profile/{fiction.author_id}" class="font-white">{encode(fiction.author)}</a>
                </span>
            </h4>
        </div>
    </div>
    <div class="col-md-4 col-lg-3 fic-buttons text-center md-text-left">
            <a href="{start}" class="btn btn-lg btn-primary">
                <i class="fa fa-book"></i>
                <span>Start Reading</span>
            </a>
    </div>
</div>"""


def _sidebar(fiction: FictionModel) -> str:
    return f"""<!--START SIDEBAR-->
<div style="margin-right: 0; margin-left: 20px; padding-top: 10px" class="fiction-sidebar pull-right hidden-xs hidden-sm">
<form method="post" action="/fictions/setbookmark/{fiction.id}">
    <input type="hidden" name="type" value="hide" />
    <input type="hidden" name="mark" value="True" />
<input name="__RequestVerificationToken" type="hidden" value="CfDJ8-LOOKALIKE" /></form>
<a rel="nofollow" class="button-icon-large" href="/report/fiction/{fiction.id}">
    <i class="fa fa-exclamation-triangle"></i> <span class="tip">FictionModel breaking rules?</span> <span class="center">Report</span>
</a>
{frame.advertisement("Fiction_Sidebar_Top_Desktop", "no-padding ac ")}
{_author_card(fiction, "")}
</div>
<!--END SIDEBAR-->"""


def _author_card(fiction: FictionModel, classes: str) -> str:
    return f"""<div class="portlet light {classes}">
    <div class="portlet-title"><div class="caption"><i class="fa fa-user"></i> <span class="caption-subject bold uppercase">Author</span></div></div>
    <div class="portlet-body"><div class="mt-card-content">
        <h3 style="font-size: 16px; font-weight: 600">
            <a class="font-red" href="/profile/{fiction.author_id}">{encode(fiction.author)}</a>
        </h3>
        {frame.follow_form(fiction.author_id, f"/fiction/{fiction.id}")}
    </div></div>
</div>"""


_LABEL = (
    '<span class="label label-default label-sm bg-blue-hoki" '
    'style="overflow: hidden; display: inline-block; padding: 3px 5px;">{}</span>'
)


def _information(fiction: FictionModel) -> str:
    tags = "".join(
        f'\n                        <a class="label label-default label-sm bg-blue-dark fiction-tag" '
        f'href="/fictions/search?tagsAdd={slug}">{encode(name)}</a>'
        for name, slug in fiction.tags
    )
    status = _LABEL.format(f"\n                {fiction.status}\n            ")
    return f"""<div class="portlet light row" style="min-height: 180px;">
    <div class="col-md-4"></div>
    <div class="col-md-8">
        <div class="margin-bottom-10" style="min-height: 10px">
            {_LABEL.format(fiction.type)}
            {status}
            <span class="tags">
                <input type="checkbox" id="showTags"/>{tags}
                <label for="showTags"></label>
            </span>
        </div>{_warnings(fiction)}
        <div class="description">
            <input type="checkbox" value="" id="showMore"/>
            <div class="hidden-content">
                {protect(fiction.description)}
            </div>
            <label for="showMore" class="bold uppercase small"></label>
        </div>
    </div>
</div>"""


def _warnings(fiction: FictionModel) -> str:
    if not fiction.warnings:
        return ""
    lines = "".join(
        f"\n                            <li>{encode(warning)}</li>" for warning in fiction.warnings
    )
    return f"""
            <div style="padding: 5px 0" class="text-center font-red-sunglo">

                    <strong>Warning</strong>
                    <span>This fiction contains:</span>
                    <ul class="list-inline">{lines}
                    </ul>
            </div>"""


def _contents(fiction: FictionModel, rows: int | None) -> str:
    return f"""<div class="portlet light">
    <div class="portlet-title">
        <div class="caption">
            <a id="toc"></a>
            <i class="fa fa-book font-red-sunglo"></i>
            <span class="caption-subject bold uppercase font-red-sunglo">Table of Contents</span>
        </div>
        <div class="actions">
            <span class="label label-default pull-right">{len(fiction.listed)} Chapters</span>
        </div>
    </div>{_next_chapter(fiction)}
    <div class="portlet-body">
{chapter_lists.table(fiction, rows)}
    </div>
</div>"""


def _next_chapter(fiction: FictionModel) -> str:
    at = fiction.next_chapter
    if at is None:
        return ""
    spoken = long_time(at)
    return f"""
        <div class="alert alert-info">
            <i class="fas fa-clock"></i> Next Chapter: <time unixtime="{at.timestamp():.0f}" title="{spoken}" datetime="{iso_seconds(at)}.0000000&#x2B;00:00" format="U">{spoken}</time>
        </div>"""
