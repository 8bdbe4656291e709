"""A limit on the requests of a crawl whose site nobody knows yet."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from novel_core.errors import AddressRefused, RequestsSpent

#: The ports that such a site may be at, by scheme.
PORTS = {"http": 80, "https": 443}


@dataclass(slots=True)
class Allowance:
    """How many requests may still be sent; each goes to port 80 or 443 only.

    >>> allowance = Allowance(1)
    >>> allowance.admit("https://example.org/n/1")
    >>> allowance.left
    0
    """

    left: int

    def admit(self, url: str, *, is_counted: bool = True) -> None:
        """Count a request; AddressRefused for another port, RequestsSpent where none is left."""
        check_port(url)
        if is_counted and self.left <= 0:
            raise RequestsSpent(
                f"{url} is not requested: as many requests as are allowed were sent.", url=url
            )
        self.left -= int(is_counted)


def check_port(url: str) -> None:
    """Raise AddressRefused where `url` names another port than that of its scheme."""
    parts = urlsplit(url)
    if parts.port not in {None, *PORTS.values()}:
        raise AddressRefused(
            f"{url} is at port {parts.port}; sites are added at ports 80 and 443 only.",
            url=url,
            hint="Give the address that readers use, without a port.",
        )
