"""The page of a chapter in the legacy layout."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from random import Random

from novel_royalroad_lookalike import anti_theft, frame, navigation
from novel_royalroad_lookalike.chapter_text import text_of
from novel_royalroad_lookalike.emails import protect
from novel_royalroad_lookalike.encoding import encode, iso_seconds, long_time
from novel_royalroad_lookalike.model import FictionModel, LookalikeChapter
from novel_royalroad_lookalike.places import Place, place_of
from novel_royalroad_lookalike.switches import SiteSwitches, Style
from novel_royalroad_lookalike.template import Template
from novel_royalroad_lookalike.vocabulary import NO_COVER

_KEPT_PAGES = 1024
_DEFAULT_STARS = 45


def render(
    fiction: FictionModel, chapter: LookalikeChapter, switches: SiteSwitches, rng: Random
) -> str:
    """The whole page; `rng` is for the parts that differ in each response."""
    template = _template(
        fiction,
        chapter,
        (fiction.revision, chapter.revision),
        switches.hidden_style,
        switches.fast,
    )
    return template.fill(rng)


@lru_cache(maxsize=_KEPT_PAGES)
def _template(
    fiction: FictionModel,
    chapter: LookalikeChapter,
    _revisions: tuple[int, int],
    style: Style,
    fast: bool,
) -> Template:
    page = _page(place_of(fiction, chapter), style)
    return Template(page, constant_paragraphs=fast)


def _page(place: Place, style: Style) -> str:
    body = f"""<div class="container chapter-page">
{_header(place)}
 <div class="portlet light chapter">
  <div class="portlet-body">
{navigation.upper(place)}
   <hr/>
{_reading(place, style)}
{frame.advertisement("Content_Mid")}
{_support(place.fiction)}
   <hr/>
{navigation.lower(place)}
  </div>
 </div>
{_about_author(place)}
{_comments(place.chapter)}
</div>
<script>
  var chapterId = {place.chapter.id};
  var fictionId = {place.fiction.id};
</script>"""
    return frame.page(
        head=_head(place, style),
        body=body,
        route="Chapter.Index",
        body_class="chapter-page-body ",
    )


def _head(place: Place, style: Style) -> str:
    fiction, chapter = place.fiction, place.chapter
    title = encode(f"{chapter.title} - {fiction.title}")
    url = encode(fiction.chapter_url(chapter))
    links = ""
    if place.previous:
        links += f"    <link rel='prev' href='{fiction.chapter_path(place.previous)}'/>\n"
    if place.following:
        links += f"    <link rel='next' href='{fiction.chapter_path(place.following)}'/>\n"
    return f"""    <title>{title} | Royal Road</title>
 <meta property="og:type" content="article">
 <meta property="og:title" content="{title}">
 <meta property="og:url" content="{url}">
 <meta property="og:image" content="{encode(fiction.cover_url or NO_COVER)}">
 <meta property="og:site_name" content="Royal Road">
 <meta name="twitter:creator" content="{encode(fiction.author)}">
 <link rel="canonical" href="{url}"/>
{links}{anti_theft.rules(style, chapter.hidden)}"""


def _header(place: Place) -> str:
    fiction, chapter = place.fiction, place.chapter
    title = encode(chapter.title)
    return f"""<div class="row fic-header margin-bottom-40">
 <div class="row no-space">
  <div class="col-md-2 col-md-push-1 hidden-sm hidden-xs">
   {frame.cover_image(fiction.cover_url or NO_COVER, fiction.title, "img-offset")}
  </div>
  <div class="col-md-5 col-lg-6 col-md-offset-1 text-center md-text-left">
   <a href="{fiction.path}">
    <h2 style="font-size: 24px" class="font-white inline-block">{protect(encode(fiction.title), in_link=True)}</h2>
   </a><span class="font-white"> by </span>
   <h3 style="font-size: 21px" class="font-white inline-block">
    <a href="/profile/{fiction.author_id}" class="font-white">{encode(fiction.author)}</a>
   </h3>
    <h4 class="font-red-thunderbird star star-{_stars(fiction)}"></h4>
   <h1 style="margin-top: 10px" class="font-white break-word">{protect(title)}</h1>
  </div>
  <div class="col-md-4 col-lg-3 fic-buttons text-center md-text-left">
   <a class="btn btn-block btn-primary margin-bottom-5" href="{fiction.path}"><i class="fa fa-book"></i> FictionModel Page</a>
   <a class="btn btn-block red-thunderbird margin-bottom-5" rel="nofollow" href="/report/chapter/{chapter.id}">
    <i class="fas fa-exclamation-triangle"></i> Report Chapter
   </a>
  </div>
 </div>
</div>"""


def _stars(fiction: FictionModel) -> int:
    overall = fiction.scores.get("Overall")
    return _DEFAULT_STARS if overall is None else round(overall * 10)


def _reading(place: Place, style: Style) -> str:
    """Notes, an advertisement and the text."""
    text = text_of(place.chapter, style)
    if text.content is None:
        content = """<div class="alert alert-warning text-center">
    <i class="fas fa-lock"></i> This chapter is available to subscribers of the author.
   </div>"""
    else:
        content = f"""<div class="chapter-inner chapter-content">
    {text.content}
   </div>"""
    author = place.fiction.author
    top = frame.advertisement("Chapter_Top_Mobile", "margin-bottom-20 ")
    return f"""{_note(text.before, author)}{top}

   {content}
{_note(text.after, author)}"""


def _note(note: str, author: str) -> str:
    if not note:
        return ""
    return f"""                <div class="portlet solid author-note-portlet">
     <div class="portlet-title">
      <div class="caption">
       <i class="fa fa-sticky-note"></i>
       <span class="caption-subject bold uppercase">A note from {encode(author)}</span>
      </div>
     </div>
     <div class="portlet-body author-note">{note}</div>
    </div>
"""


def _support(fiction: FictionModel) -> str:
    return f"""                <hr/>
    <a id="donate"></a>
    <h5 class="uppercase bold margin-bottom-20">Support "{encode(fiction.title)}"</h5>
     <div class="row">
       <div class="text-center col-xs-6 col-xs-collapse">
        <button style="width: 100%" class="btn yellow-gold" disabled="disabled"><i class="fab fa-paypal"></i> PayPal</button>
       </div>
     </div>"""


def _about_author(place: Place) -> str:
    fiction, chapter = place.fiction, place.chapter
    edited = ""
    if chapter.edited is not None:
        edited = _moment("edit", "Last Edit", chapter.edited)
    return f"""    <div class="portlet light">
  <div class="portlet-title">
   <div class="caption">
    About the author
   </div>
  </div>
  <div class="portlet-body profile">
   <div class="row"><div class="col-md-10"><div class="row">
    <div class="col-md-8 profile-info">
     <h1 class="font-blue bold">
      <a href="/profile/{fiction.author_id}" class="font-blue-dark" style="word-break: break-word">{encode(fiction.author)}</a>
      {frame.follow_form(fiction.author_id, fiction.chapter_path(chapter))}
     </h1>
     <ul class="list-inline">{_moment("calendar", "Published", chapter.published)}{edited}
     </ul>
     <p>
      <i class="fa fa-info-circle"></i> <strong>Bio:</strong>
     </p>
    </div>
   </div></div></div>
  </div>
 </div>"""


def _moment(icon: str, name: str, at: datetime) -> str:
    return f"""
        <li>
         <i class="fa fa-{icon}" title="{name}"></i> <time unixtime="{at.timestamp():.0f}" datetime="{iso_seconds(at)}.0000000Z" format="U" >{long_time(at, " ")}</time>
        </li>"""


def _comments(chapter: LookalikeChapter) -> str:
    return f"""    <!-- BEGIN COMMENTS -->
  <a id="comments"></a>
  <div class="portlet light comments-container">
   <div class="portlet-title"><div class="caption"><div class="caption-subject">
      Comments(57)
   </div></div></div>
   <div class="portlet-body comments comment-container ">
     <div id="comment-loader" class="text-center margin-top-20 margin-bottom-20">
      <button class="btn btn-primary" onclick="loadComments(1, {chapter.id}, null);">Load Comments</button>
     </div>
     <noscript>Please enable JavaScript to load the comments!</noscript>
   </div>
  </div>"""
