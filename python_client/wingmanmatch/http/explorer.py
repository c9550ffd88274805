"""An explorer of the OpenAPI document at ``/docs``, from files that are installed here, not from a CDN."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from wingmanmatch.database import paths

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>WingmanMatch API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="explorer"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/explorer.js"></script>
</body>
</html>
"""
_SCRIPT: Final = """\
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#explorer', deepLinking: true, persistAuthorization: true })
"""
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
    )
)


def routes() -> list[BaseRoute]:
    """The routes of the document and of the explorer."""
    document = json.loads(paths.OPENAPI.read_text(encoding="utf-8"))
    # a relative address, so that any host name works
    document["servers"] = [{"url": "/", "description": "This server"}]

    async def openapi(_: Request) -> Response:
        return JSONResponse(document)

    async def page(_: Request) -> Response:
        return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})

    async def script(_: Request) -> Response:
        return Response(_SCRIPT, media_type="text/javascript")

    return [
        Route("/openapi.json", openapi),
        Route("/docs", page),
        Route("/docs/explorer.js", script),
        Mount("/docs", StaticFiles(directory=_installed_files())),
    ]


def _installed_files() -> Path:
    """Swagger UI's files, from a package for FastAPI; the package itself is not loaded."""
    spec = find_spec("fastapi_swagger")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("No module named 'fastapi_swagger'", name="fastapi_swagger")
    return Path(spec.submodule_search_locations[0], "resources")
