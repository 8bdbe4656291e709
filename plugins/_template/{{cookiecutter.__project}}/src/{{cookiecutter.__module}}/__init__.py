"""{{ cookiecutter.source }} as a {{ cookiecutter.kind }} for Novel Ingestion.

Only the light contract is imported here; the rest is imported when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
{% if cookiecutter.kind == "family" %}
from importlib import resources
{% endif %}
{% if cookiecutter.spider %}
from typing import TYPE_CHECKING
{% endif %}

{% if cookiecutter.kind == "family" %}
from novel_core import (
    Family,
    Page,
    Parser,
    Politeness,
    Recognition,
    Site,
    Source,
    UrlMatch,
    hookimpl,
    read_refused_hosts,
    read_sites,
)

from {{ cookiecutter.__module }} import samples, urls
{% else %}
from novel_core import Parser, Politeness, Source, SourceInfo, UrlMatch, hookimpl

from {{ cookiecutter.__module }} import samples, urls
{% endif %}

{% if cookiecutter.spider %}
if TYPE_CHECKING:
    from novel_core import NovelSpider

{% endif %}
# TODO: the highest rate of requests that the {{ "sites'" if cookiecutter.kind == "family" else "site's" }} robots.txt and terms allow
_PACE = Politeness(requests_per_second=0.5)


class {{ cookiecutter.__class }}Source(Source):
{% if cookiecutter.kind == "family" %}
    """One site of the family."""

    def __init__(self, site: Site) -> None:
        self.site = site
        # With the title, language and time zone of the site in sites.toml.
        self.info = site.source_info(politeness=_PACE)
        self.samples = samples.SAMPLES.get(site.name, ())
{% else %}
    info = SourceInfo(
        name={{ cookiecutter.source | python }},
        title={{ cookiecutter.title | python }},
        homepage={{ cookiecutter.homepage | python }},
        domains=urls.DOMAINS,
        language={{ (none if cookiecutter.language | lower == "mul" else cookiecutter.language) | python }},
        # The zone of the site's dates without one, such as "Europe/Paris".
        time_zone="UTC",
        politeness=_PACE,
    )
    samples = samples.SAMPLES
{% endif %}

    def match(self, url: str) -> UrlMatch | None:
{% if cookiecutter.kind == "family" %}
        return urls.match_url(url, self.site)
{% else %}
        return urls.match_url(url)
{% endif %}

    def parser(self) -> Parser:
        from {{ cookiecutter.__module }} import parser

        return parser.make_parser(self)
{% if cookiecutter.spider %}

    def spider(self) -> type[NovelSpider]:
        from {{ cookiecutter.__module }} import spider

        return spider.{{ cookiecutter.__class }}Spider
{% endif %}

{% if cookiecutter.kind == "family" %}

class {{ cookiecutter.__class }}Family(Family):
    name = {{ cookiecutter.source | python }}
    title = {{ cookiecutter.title | python }}
    # TODO: patterns such as "*.example.org", if one operator hosts many sites of the software
    host_patterns = ()

    def __init__(self) -> None:
        text = resources.files(__name__).joinpath("sites.toml").read_text(encoding="utf-8")
        self.sites = read_sites(text)
        self.refused_hosts = read_refused_hosts(text)

    def recognise(self, page: Page) -> Recognition | None:
        from {{ cookiecutter.__module }} import recognition

        return recognition.recognise(page)

    def source(self, site: Site) -> Source:
        return {{ cookiecutter.__class }}Source(site)


@hookimpl
def novel_sources() -> Iterable[Family]:
    yield {{ cookiecutter.__class }}Family()
{% else %}

@hookimpl
def novel_sources() -> Iterable[Source]:
    yield {{ cookiecutter.__class }}Source()
{% endif %}
