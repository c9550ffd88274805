"""A real Chromium, and what of a page is not accessible to everybody.

A folder's conftest.py imports the fixture ``browser``: Chromium, started once for all tests of a file.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = Path(__file__).parent / "clients_js" / "node_modules" / "axe-core" / "axe.min.js"
# off by default
AXE_OPTIONS = {"rules": {"label-content-name-mismatch": {"enabled": True}}}


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, without a window."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def violations(page: "Page") -> list[tuple[str, list[str]]]:
    """The rules of axe that the page breaks now, with the elements."""
    assert AXE.is_file(), "axe-core is missing: run make tests/clients_js/node_modules/installed"
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run(document, {json.dumps(AXE_OPTIONS)})")
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]
