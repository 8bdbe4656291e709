"""The parts of all legacy pages: head scripts, header, footer, proxy scripts, advertisements."""

from __future__ import annotations

from novel_royalroad_lookalike.encoding import encode


def page(*, head: str, body: str, route: str, body_class: str = "") -> str:
    """A whole page of the legacy layout."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
 <meta charset="utf-8"/>
{head}
 <meta name="viewport" content="width=device-width, initial-scale=1.0"/>
 <link type="text/css" rel="stylesheet" href="/dist/vendor-LOOKALIK.css?v=1" />
 <link type="text/css" rel="stylesheet" href="/dist/site-light-LOOKALIK.css?v=1" />
{_head_script(route)}
</head>
<body class="page-container-bg-solid light-theme {body_class}">
<div class="background-overlay"></div>
{_HEADER}
<div class="page-container"><div class="page-content-wrapper"><div class="page-content">
{body}
</div></div></div>
{_FOOTER}
</body>
</html>
"""


def _head_script(route: str) -> str:
    return f"""    <script type="text/javascript">
  window.royalroad = window.royalroad || {{init: []}};
  window.royalroad.isPremium = false;
  window.royalroad.version = "RoyalRoad.Web.Website@"+"4.1.20261002.81";
  window.royalroad.userId = 0;
  window.royalroad.environment = "Production";
  window.royalroad.actionRoute = "{route}";
  window.royalroad.redesignPopup = false;
  window.royalroad.sitePresentationMode = "Legacy";
 </script>"""


def advertisement(name: str, classes: str = "") -> str:
    """An advertisement's place; always outside of the text."""
    return f"""<div class="{classes}portlet light dKKumhSnWiFq75vPUVtmTanQ"><div class="bold uppercase">Advertisement</div><a class="btn btn-default btn-xs" target="_blank" href="/ps/r"><i class="fa fa-times"></i> Remove</a><div class="square ">
 <div class='nitropay-ad-placeholder' data-tag-name='{name}' data-sizes='[[300,250],[728,90]]' data-constraint='window.innerWidth &lt; 991' data-lazy-load='true'><div id="{name}"></div></div>
</div></div>"""


def cover_image(source: str, title: str, classes: str) -> str:
    """The cover, with the end tag the site gives it."""
    return (
        f'<img class="{classes}" data-type="cover" onLoad="this.dataset.loaded = 1" '
        'onError="this.onerror=null; this.src=&#x27;/dist/img/nocover-new-min.png&#x27;" '
        f'alt="{encode(title)}" src="{encode(source)}"></img>'
    )


def follow_form(author_id: int, return_url: str) -> str:
    return f"""<form class="inline-block follow-author-form" action="/user/follow/{author_id}" method="post">
 <input type="hidden" name="returnUrl" value="{return_url}"/>
 <button type="submit" class="btn btn-sm btn-primary popovers" data-trigger="hover">Follow Author</button>
 <input name="__RequestVerificationToken" type="hidden" value="CfDJ8-LOOKALIKE" /></form>"""


_HEADER = """<div class="page-header">
<div class="page-header-top"><div class="container"><div class="top-menu"><ul class="nav navbar-nav pull-right">
 <li class="remaster-button-container" id="beta-switcher">
  <button class="remaster-btn" id="beta-switch-btn" aria-label="Switch to new UI"><span class="remaster-text">Redesign</span></button>
 </li>
 <li><a href="/account/login?returnurl=%2F"><i class="far fa-sign-in"></i> Log In</a></li>
</ul></div></div></div>
<div class="page-header-menu"><div class="container">
 <form class="search-form" action="/fictions/search" method="GET"><div class="input-group">
  <input type="text" class="form-control" placeholder="Search title..." name="title" aria-label="Fiction search">
 </div></form>
 <ul class="nav navbar-nav">
  <li><a href="/fictions/best-rated">Best Rated</a></li><li><a href="/fiction/random">Surprise Me</a></li>
 </ul>
</div></div>
</div>"""

_FOOTER = """<div class="page-prefooter"><div class="container">
 <select name="site-presentation-mode" id="site-presentation-mode" class="site-presentation-mode-select form-control">
  <option value="redesign">Redesign</option>
  <option value="legacy" selected="selected">Legacy</option>
 </select>
 <a href="/cdn-cgi/l/email-protection#1f6c7e737a6c5f7a677e726f737a317a677e726f737a">Programmatic Advertising</a>
</div></div>
<div class="scroll-to-top-tooltip" style="display: none"> Tap again to scroll to the top! </div>
<script data-cfasync="false" src="/cdn-cgi/scripts/5c5dd728/cloudflare-static/email-decode.min.js"></script>
<script>(function(){var s=document.createElement('script');s.innerHTML="window.__CF$cv$params={r:'a44b8f70fbe51bf1',t:'MTc5MTAyNjQ1NQ=='};var a=document.createElement('script');a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js';document.head.appendChild(a);";document.head.appendChild(s)})();</script>"""
