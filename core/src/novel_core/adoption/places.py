"""Where a site may be that is added: what is checked of an address before anything is requested."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from novel_core.crawl.address_check import is_public
from novel_core.crawl.allowance import check_port
from novel_core.errors import AddressRefused, SiteKnown, UnsupportedUrl
from novel_core.registry import Registry
from novel_core.registry.refusals import refused_site
from novel_core.settings import Settings
from novel_core.source import SourceInfo


def check_place(registry: Registry, settings: Settings, url: str) -> None:
    """Raise an error where the site at the normalised `url` is not to be added.

    As `check_address`, and SiteKnown where a source or site reads it already.
    """
    check_address(registry, settings, url)
    host = host_of(url)
    try:
        resolved = registry.resolve(url)
    except UnsupportedUrl:
        if owner := registry.source_at(host):
            raise SiteKnown(
                f"{host} belongs to {owner.title}, which is read already; but {url} is none of"
                " its novels or chapters.",
                name=owner.name,
                hint="Give the address of a novel or one of its chapters to `novel ingest`.",
            ) from None
        return
    found = resolved.source
    raise SiteKnown(f"{found.title} is read already, as {found.name}.", name=found.name)


def check_address(registry: Registry, settings: Settings, url: str) -> None:
    """Raise an error where the normalised `url` of a site that is added is not to be requested.

    AddressRefused for a private address or another port than 80 and 443, SiteRefused for a host
    that a family refuses.
    """
    host = host_of(url)
    check_port(url)
    if not settings.allow_private_hosts and host not in settings.host_map and _is_private(host):
        raise AddressRefused(f"{host} is a private address; sites are at public ones.", url=url)
    if refused := registry.refusal_of(host):
        raise refused_site(host, refused)


def _is_private(host: str) -> bool:
    try:
        return not is_public(str(ip_address(host)))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def host_of(url: str) -> str:
    """The host of an address, or an empty text."""
    return urlsplit(url).hostname or ""


def hosts_of(info: SourceInfo) -> tuple[str, ...]:
    """All hosts that the pages of a source are requested from."""
    return tuple(dict.fromkeys((*info.domains, *info.host_politeness)))


def twin_of(host: str) -> str:
    """The host with or without `www.`: both are one site.

    >>> twin_of("www.example.org"), twin_of("example.org")
    ('example.org', 'www.example.org')
    """
    bare = host.removeprefix("www.")
    return bare if bare != host else f"www.{host}"


def foreign_hosts(host: str, hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `hosts` that are neither `host` nor its twin."""
    return tuple(one for one in dict.fromkeys(hosts) if one not in {host, twin_of(host)})
