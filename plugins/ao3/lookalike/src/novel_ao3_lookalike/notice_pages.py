"""The pages in the place of a work: a login, a warning, an unrevealed work, an error."""

from __future__ import annotations

from html import escape

from novel_ao3_lookalike import frame, list_pages
from novel_ao3_lookalike.library import LookalikeWork

_PERMISSION = (
    "Sorry, you don't have permission to access the page you were trying to reach. Please log in."
)


def login(*, is_restricted: bool) -> str:
    words = (
        '<h3 class="heading">Sorry!</h3><p>This work is only available to registered users of the Archive.</p>'
        if is_restricted
        else '<h3 class="heading">Log in</h3>'
    )
    return frame.page(
        "New Session | Archive of Our Own",
        "sessions-new system session region",
        f'<div id="signin">{words}<form class="new_user" action="/users/login" method="post"><br \\></form></div>',
        flash="" if is_restricted else _PERMISSION,
    )


def adult(work: LookalikeWork, path: str) -> str:
    sign = "&amp;" if "?" in path else "?"
    main = f"""<h2 class="landmark heading">Adult Content Warning</h2>
<p class="caution notice">This work could have adult content. If you continue, you have agreed that you are willing to see such content.</p>
<ul class="actions" role="navigation"><li><a href="{escape(path)}{sign}view_adult=true">Yes, Continue</a></li></ul>
<ol class="work index group">{list_pages.blurb(work)}</ol>"""
    title = f"{escape(work.title)} [Archive of Our Own]"
    return frame.page(title, "works-show region", main)


def mystery(*, is_chapter: bool) -> str:
    main = """<!-- BEGIN revealed -->
<!-- END revealed -->
<p class="notice">This work is part of an ongoing challenge and will be revealed soon!
 You can find details here: <a href="/collections/spring_swap">Spring Swap</a></p>"""
    part = " - Chapter 1" if is_chapter else ""
    view = "chapters-show" if is_chapter else "works-show"
    return frame.page(
        f"Mystery Work{part} | Archive of Our Own",
        f"{view} region",
        main,
        head='\n  <meta name="robots" content="noindex" />',
    )


def error(code: int, words: str) -> str:
    main = f'<h2 class="heading">Error {code}</h2>\n<h3 class="heading">{words}</h3>'
    return frame.page(
        f"{code} Error | Archive of Our Own", f"system errors error-{code} region", main
    )


def not_found(*, is_static: bool) -> str:
    page = error(404, "The page you were looking for doesn't exist.")
    return page.replace('<div class="flash"></div>', "") if is_static else page


def home(flash: str = "") -> str:
    return frame.page(
        "Archive of Our Own", "home-index region", "<h2>A fan-created archive</h2>", flash=flash
    )


def challenge() -> str:
    return (
        "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
        '<div class="main-wrapper"><div id="challenge-error-text">Enable JavaScript to continue</div></div>'
        "<script>window._cf_chl_opt = {cType: 'managed'};</script></body></html>"
    )


def anubis() -> str:
    return (
        "<!DOCTYPE html><html><head><title>Making sure you&#39;re not a bot!</title>"
        '<link rel="stylesheet" href="/.within.website/x/xess/xess.css">'
        '<script id="anubis_version" type="application/json">"v1.0.0"</script></head><body><main>'
        '<img src="/.within.website/x/cmd/anubis/static/img/pensive.webp"><p id="status">Loading</p>'
        "</main></body></html>"
    )


def down_plain() -> str:
    return "<html><body><h1>Page responding too slowly.</h1></body></html>"


def other_software() -> str:
    return (
        '<html><head><title>An Older Archive</title></head><body><div id="container">'
        '<div id="pagetitle">A Story by somebody</div>Powered by eFiction</div></body></html>'
    )
