"""`/docs`: Swagger UI over `/openapi.json`, from local files and with the headers of every page.

The files are those of the package fastapi-swagger, which follows Swagger UI (Apache-2.0).
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from novel_api.web import security_headers
from novel_api.web.assets import asset_url

router = APIRouter(include_in_schema=False)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Novel Ingestion: API</title>
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="{style}">
</head>
<body>
<noscript><p>This page needs JavaScript. <a href="/openapi.json">OpenAPI document</a></p></noscript>
<div id="swagger-ui"></div>
<script src="{bundle}"></script>
<script src="{start}"></script>
</body>
</html>
"""


@router.get("/docs")
async def show_documentation() -> HTMLResponse:
    """The page; its scripts load the description of the API."""
    html = _PAGE.format(
        icon=asset_url("icon.svg"),
        style=asset_url("swagger-ui.css"),
        bundle=asset_url("swagger-ui-bundle.js"),
        start=asset_url("documentation.js"),
    )
    return HTMLResponse(html, headers=security_headers.HEADERS)
