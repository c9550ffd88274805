"""The site of ``make site``: its links, its search, and that it shows what GitHub shows."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from browsing import browser, violations
from markdown_it import MarkdownIt
from wingmanmatch.database import paths

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]

COUNTED = ("ul", "ol", "li", "table", "tr", "th", "td", "pre", "h1", "h2", "h3", "h4", "strong", "em", "img")
# what the site shows beside the documents, and builds by another command
PLAYGROUND = "playground"
# words, each with a heading that is found by it
SEARCHES = {
    "deadlock": "Why locks have an order",
    "snap_to_grid": "Why places stay private",
    "no_show_answer_pending": "Reference",
    "pg_restore": "Backup, restore and upgrade",
}


class Html(HTMLParser):
    """The elements of an article, and the links and anchors of the whole page."""

    def __init__(self, text: str, *, is_article: bool = False) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self._is_article = is_article
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._is_article = self._is_article or tag == "article"
        if self._is_article:
            self.elements[tag] += 1
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif "src" in given or (tag == "link" and given.get("rel") not in ("canonical", "next", "prev")):
            self.loaded.append(given.get("src") or given["href"])

    def handle_endtag(self, tag: str) -> None:
        self._is_article = self._is_article and tag != "article"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; a broken link or heading fails its build."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)]
    built = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


@cache
def html(path: Path) -> Html:
    return Html(path.read_text(encoding="utf-8"))


def pages(site: Path) -> list[Path]:
    found = [path for path in site.rglob("*.html") if path.name != "404.html"]
    assert len(found) >= 30
    return found


def shown(page: Path) -> Path:
    """The HTML of a page of Markdown."""
    return page.with_name("index.html") if page.name == "README.md" else page.with_suffix(".html")


def broken(site: Path, page: Path) -> Iterator[str]:
    """What a page links to or loads and the site does not have; nothing may be loaded from elsewhere."""
    for link in html(page).links:
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = page.parent / unquote(parts.path) if parts.path else page
        target = target / "index.html" if target.is_dir() else target
        if target.is_relative_to(site / PLAYGROUND):
            continue
        if not target.is_file() or (parts.fragment and parts.fragment not in html(target).anchors):
            yield link
    for loaded in html(page).loaded:
        if not (page.parent / urlsplit(loaded).path).is_file():
            yield loaded


@pytest.mark.exhaustive
def test_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    found = {page.name: missing for page in pages(site) if (missing := list(broken(site, page)))}
    assert found == {}


@pytest.mark.exhaustive
def test_no_style_or_script_names_another_site(site: Path) -> None:
    for path in site.rglob("*.css"):
        assert re.findall(r"url\([\"']?(?:https?:)?//", path.read_text(encoding="utf-8")) == [], path


@pytest.mark.exhaustive
def test_github_shows_the_same_lists_and_tables(site: Path) -> None:
    github = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for page in site.rglob("*.md"):
        there = Html(github.render(page.read_text(encoding="utf-8")), is_article=True).elements
        here = html(shown(page)).elements
        assert {tag: here[tag] for tag in COUNTED} == {tag: there[tag] for tag in COUNTED}, page.name


@pytest.mark.exhaustive
def test_programs_find_every_page(site: Path) -> None:
    """As llmstxt.org describes it: a heading, a summary, and lists of links, each with what it leads to."""
    text = (site / "llms.txt").read_text(encoding="utf-8")
    assert re.match(r"# WingmanMatch\n\n> .+\n\n## ", text)
    listed = re.findall(r"^- \[[^]]+\]\(([^)]+)\): \S.+$", text, re.MULTILINE)
    assert len(listed) == text.count("\n- ")
    assert [path for path in listed if not (site / path).is_file()] == []
    markdown = {str(path.relative_to(site)) for path in site.rglob("*.md")}
    assert markdown == {path for path in listed if path.endswith(".md")}
    full = (site / "llms-full.txt").read_text(encoding="utf-8")
    assert [path for path in markdown if f"<!-- {path} -->" not in full] == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("word", SEARCHES)
def test_the_index_has_the_word(site: Path, word: str) -> None:
    entries = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    assert [entry for entry in entries if word in f"{entry['title']} {entry['text']}"]


@pytest.mark.browser
def test_the_search_works_from_the_file_system(site: Path, browser: "Browser") -> None:
    page = browser.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for word, heading in SEARCHES.items():
        page.goto((site / "index.html").as_uri())
        page.get_by_role("textbox", name="Search").click()
        page.keyboard.type(word)
        page.locator(".md-search-result__item :is(h1, h2)", has_text=heading).first.wait_for(state="attached")
    assert [url for url in requests if urlsplit(url).scheme not in ("file", "data", "blob")] == []


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible(site: Path, browser: "Browser", scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)
    for name in ("index.html", "tutorial.html", "why_places.html"):
        page.goto((site / name).as_uri())
        # the theme puts a nav without a name around each button that copies
        found = [violation for violation in violations(page) if violation[0] != "landmark-unique"]
        assert found == [], name
