"""Static files, each under a name with the hash of its content: browsers cache them permanently."""

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
    # An SVG that is opened directly is a document.
    "Content-Security-Policy": "default-src 'none'",
}


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    media_type: str


@cache
def _assets() -> dict[str, tuple[str, Asset]]:
    """Return name -> (hashed name, file). The files do not change while the process runs."""
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
    """Return the URL of a file; KeyError for an unknown name."""
    return ASSETS + _assets()[name][0]


@router.get("/assets/{name}")
async def show_asset(name: str) -> Response:
    """A static file; UnknownAddress for a hash of another version."""
    asset = _by_hashed_name().get(name)
    if asset is None:
        raise UnknownAddress(f"There is no asset {name[:80]!r}.")
    return Response(asset.body, headers=_HEADERS, media_type=asset.media_type)
