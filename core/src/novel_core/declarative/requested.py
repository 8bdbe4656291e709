"""How the pages of a table are requested: with GET, or with POST and a body made of the address."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from pydantic import Field, model_validator

from novel_core.declarative.fields import Table
from novel_core.errors import PageChanged
from novel_core.requests import check_request

_PARAMETER = re.compile(r"\{([A-Za-z_]\w*)\}")


class Requested(Table):
    """A table whose pages other pages lead to.

    `method` and `headers` are those of the requests for these pages. With `method="POST"` the query
    of an address is the body, as that of a form: `url:/ajax/toc?book={novel}` posts `book=7` to
    `/ajax/toc`. `body` is another body, in which `{book}` is the parameter `book`; parameters
    that it does not name stay in the address. A `body` of JSON is sent as such.
    """

    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""

    @model_validator(mode="after")
    def _can_be_sent(self) -> Self:
        check_request(self.method, self.headers, self.body.encode(), is_of_parser=True)
        return self

    def request_of(self, address: str) -> tuple[str, dict[str, Any]]:
        """The URL for an address, and the other fields of its Follow.

        PageChanged if the address lacks a parameter that the body names.
        """
        if self.method == "GET":
            return address, {"headers": self.headers} if self.headers else {}
        parts = urlsplit(address)._replace(fragment="")
        query = parse_qsl(parts.query, keep_blank_values=True)
        named = set(_PARAMETER.findall(self.body))
        if missing := named - {name for name, _ in query}:
            message = f"The body of the request names {', '.join(sorted(missing))}, which"
            raise PageChanged(f"{message} the address has not as a parameter.", url=address)
        rest = [pair for pair in query if self.body and pair[0] not in named]
        body = self._filled(dict(query)) if self.body else _form(query)
        headers = dict(self.headers)
        if self._is_json and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        url = parts._replace(query=_form(rest)).geturl()
        return url, {"method": "POST", "headers": headers, "body": body.encode()}

    @property
    def _is_json(self) -> bool:
        return self.body.startswith(("{", "[")) and not _PARAMETER.match(self.body)

    def _filled(self, values: dict[str, str]) -> str:
        def value(found: re.Match[str]) -> str:
            text = values[found[1]]
            return json.dumps(text)[1:-1] if self._is_json else quote(text, safe="{},")

        return _PARAMETER.sub(value, self.body)


def _form(query: list[tuple[str, str]]) -> str:
    return urlencode(query, safe="[],:/{}~")
