"""The page's own files, each under a name that holds the hash of its content: browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import Response

from novel_api.errors import UnknownAddress
from novel_api.page_paths import ASSETS

router = APIRouter(include_in_schema=False)

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_HASH = 12
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    # An image opened by itself is a document.
    "Content-Security-Policy": "default-src 'none'",
}


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    media_type: str


@cache
def _assets() -> dict[str, tuple[str, Asset]]:
    """Plain name -> (hashed name, file). They are part of the package: they do not change while it runs."""
    found = {}
    own, swagger = files("novel_api.web").joinpath("assets"), files("fastapi_swagger.resources")
    for file in (*own.iterdir(), *swagger.iterdir()):
        stem, _, ending = file.name.rpartition(".")
        if ending in _TYPES:
            body = file.read_bytes()
            digest = hashlib.sha256(body).hexdigest()[:_HASH]
            found[file.name] = (f"{stem}.{digest}.{ending}", Asset(body, _TYPES[ending]))
    return found


@cache
def _by_hashed_name() -> dict[str, Asset]:
    return dict(_assets().values())


def asset_url(name: str) -> str:
    """Where the file is; KeyError for a name that a template got wrong."""
    return ASSETS + _assets()[name][0]


@router.get("/assets/{name}")
async def show_asset(name: str) -> Response:
    """A name of another version is gone: it would be kept for ever under a wrong hash."""
    asset = _by_hashed_name().get(name)
    if asset is None:
        raise UnknownAddress(f"There is no asset {name[:80]!r}.")
    return Response(asset.body, headers=_HEADERS, media_type=asset.media_type)
