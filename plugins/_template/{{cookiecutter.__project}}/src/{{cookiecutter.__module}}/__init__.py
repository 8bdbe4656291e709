"""{{ cookiecutter.source }} as a source for Novel Ingestion.

{% if cookiecutter.spider %}
Only the light contract is imported here; parser and spider are imported when needed.
{% else %}
Only the light contract is imported here; the parser is imported when needed.
{% endif %}
"""

from __future__ import annotations

from collections.abc import Iterable
{% if cookiecutter.spider %}
from typing import TYPE_CHECKING
{% endif %}

from novel_core import Parser, Politeness, Sample, SourceInfo, UrlMatch, hookimpl

from {{ cookiecutter.__module }} import samples, urls

{% if cookiecutter.spider %}
if TYPE_CHECKING:
    from novel_core.crawl.spider import NovelSpider

{% endif %}
INFO = SourceInfo(
    name={{ cookiecutter.source | python }},
    title={{ cookiecutter.title | python }},
    homepage={{ cookiecutter.homepage | python }},
    domains=urls.DOMAINS,
    language={{ (none if cookiecutter.language | lower == "mul" else cookiecutter.language) | python }},
    # TODO: the highest rate of requests that the site's robots.txt and terms allow
    politeness=Politeness(requests_per_second=0.5),
)


@hookimpl
def novel_source_info() -> SourceInfo:
    return INFO


@hookimpl
def novel_match_url(url: str) -> UrlMatch | None:
    return urls.match_url(url)


@hookimpl
def novel_parser() -> Parser:
    from {{ cookiecutter.__module }} import parser

    return parser.make_parser()


{% if cookiecutter.spider %}
@hookimpl
def novel_spider() -> type[NovelSpider]:
    from {{ cookiecutter.__module }} import spider

    return spider.{{ cookiecutter.__class }}Spider


{% endif %}
@hookimpl
def novel_samples() -> Iterable[Sample]:
    return samples.SAMPLES
