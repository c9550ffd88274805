"""The explorer of the OpenAPI document at /docs."""

import json
import re

from wingmanmatch.database import paths


def test_the_document_is_that_of_this_release_for_this_server(http):
    told = http.get("/openapi.json").json()
    released = json.loads(paths.OPENAPI.read_text(encoding="utf-8"))
    assert told["servers"] == [{"url": "/", "description": "This server"}]
    assert {**told, "servers": released["servers"]} == released


def test_every_file_of_the_page_is_here(http):
    page = http.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    files = re.findall(r'(?:href|src)="([^"]+)"', page.text)
    assert len(files) == 4
    for file in files:
        assert file.startswith("/docs/")
        assert http.get(file).status_code == 200
    assert "/openapi.json" in http.get("/docs/explorer.js").text
