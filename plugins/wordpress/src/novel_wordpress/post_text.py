"""The text of a post without what plugins of the site put into it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from novel_core import Element, absolute, drop, fragment, inner_html, select, text_of

#: Blocks of sharing, advertising, subscribing and navigation.
FOREIGN = (
    ".sharedaddy, .jp-relatedposts, #jp-relatedposts, .wpcnt, "
    ".wp-block-jetpack-subscriptions, .wp-block-jetpack-like, "
    ".wp-block-jetpack-sharing-buttons, .wp-block-post-navigation-link, "
    ".jetpack-likes-widget-wrapper, .jetpack_subscription_widget, .post-ratings, "
    ".addtoany_share_save_container, .code-block, .nav-previous, .nav-next, "
    ".post-navigation, .page-links, .screen-reader-text, .edit-link, "
    ".post-password-form, script, style, noscript, form"
)
_IMAGES = "img"
_PHOTON = re.compile(r"(?:https?:)?//i[0-3]\.wp\.com/([^?#\s]+)")
#: The longest paragraph that may be navigation.
_SHORT = 200
_NAVIGATION = re.compile(
    r"(?:(?:previous|prev|last|next|first|back|forward|index|home|chapters?|contents|table|of|to|the"
    r"|post|page|part|←|→|«|»|<|>|≪|≫|\||/|-|–|—|·|•|:|\.|&)\s*){1,12}",  # noqa: RUF001 - as sites write them
    re.IGNORECASE,
)


def clean(html: str, url: str) -> str:
    """The markup of a post without foreign blocks and links to its neighbours.

    >>> clean('<p><a href="/1/">Next Chapter</a></p><p>Rain.</p><div class="sharedaddy">Like</div>',
    ...       "https://a.example/2/")
    '<p>Rain.</p>'
    """
    body = fragment(html, url)
    tidy(body, url)
    return inner_html(body)


def tidy(body: Element, url: str) -> None:
    """The same in place, on the element that holds a post."""
    drop(select(body, FOREIGN))
    _drop_navigation(body, url)
    for image in body.css(_IMAGES):
        _restore(image)


def _drop_navigation(body: Element, url: str) -> None:
    """Remove the first and last paragraphs that only lead to other posts of the site."""
    inner = [child for child in body.iter() if text_of(child) or child.css_first("img")]
    for paragraphs in (inner, inner[::-1]):
        for paragraph in paragraphs:
            if not _is_navigation(paragraph, url):
                break
            drop([paragraph])


def _is_navigation(paragraph: Element, url: str) -> bool:
    if paragraph.parent is None or paragraph.css_first("img") is not None:
        return False
    links = select(paragraph, "a[href]")
    words = text_of(paragraph)
    if not links or not words or len(words) > _SHORT:
        return False
    host = urlsplit(url).hostname
    own = [absolute(link.attributes.get("href"), url) for link in links]
    return all(one and urlsplit(one).hostname == host for one in own) and (
        _NAVIGATION.fullmatch(words) is not None
    )


def _restore(image: Element) -> None:
    """Give an image the site's own address, in place of that of WordPress.com's image service."""
    for name in ("src", "data-src", "data-lazy-src"):
        found = _PHOTON.fullmatch((image.attributes.get(name) or "").partition("?")[0].strip())
        if found:
            image.attrs[name] = f"https://{found[1]}"
            for other in ("srcset", "data-srcset", "data-lazy-srcset"):
                if other in image.attributes:
                    del image.attrs[other]
