"""What mkdocs does not do by itself, for ``make site``.

Documents that lie outside docs/ are pages, too, and links between all of them work here as they do on GitHub.
llms.txt and llms-full.txt are made from the navigation, with the Markdown of each page beside it.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"(?<=\]\()[^)\s#]+|(?<=src=\")[^\"]+|(?<=srcset=\")[^\"]+")
ELSEWHERE = re.compile(r"[a-z]+:|/|#")
SEARCH = 'data-md-component="search" role="dialog"'
FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
ASSETS = {
    "favicon.svg": "python_client/wingmanmatch/shared_page/favicon.svg",
    "iframe-worker.js": "docs/site/iframe-worker.js",
    "site.css": "docs/site/site.css",
}

_navigation: list[Page] = []


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what the pages lead to, and these pages to them."""
    for uri, path in ASSETS.items():
        files.append(_file(path, uri, config))
    for uri in _uris(config.nav or []):
        if files.get_file_from_path(uri) is None and (ROOT / uri).is_file():
            files.append(_file(uri, uri, config))
    pages = [file for file in files.documentation_pages() if file.inclusion.is_included()]
    while pages:
        page = pages.pop()
        for _, path in _links(page.content_string, _origin(page.src_uri)):
            uri = _uri(path)
            if path.startswith("docs/") or files.get_file_from_path(uri) or not (ROOT / path).is_file():
                continue
            files.append(added := _file(path, uri, config))
            if added.is_documentation_page():
                pages.append(added)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point relative links at where the site has their targets."""
    return _with_links_of_the_site(markdown, page.file.src_uri)


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Remember the order of the pages."""
    _navigation[:] = nav.pages
    return nav


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Name the theme's search for screen readers."""
    return output.replace(SEARCH, f'{SEARCH} aria-label="Search"')


def on_post_build(config: MkDocsConfig) -> None:
    """Write llms.txt, llms-full.txt and the Markdown of the pages."""
    site = Path(config.site_dir)
    for page in _navigation:
        (site / page.file.src_uri).write_text(page.markdown or "", encoding="utf-8")
    (site / "llms.txt").write_text(_llms(config), encoding="utf-8")
    full = "\n\n".join(
        f"<!-- {page.file.src_uri} -->\n\n{(page.markdown or '').strip()}" for page in _navigation
    )
    (site / "llms-full.txt").write_text(f"{full}\n", encoding="utf-8")


def _uris(entries: Any) -> Iterator[str]:
    """The files that a part of the navigation names."""
    if isinstance(entries, str):
        yield entries
    for entry in (
        entries.values() if isinstance(entries, dict) else entries if isinstance(entries, list) else []
    ):
        yield from _uris(entry)


def _llms(config: MkDocsConfig) -> str:
    """The pages by section, each with the first sentence under its heading."""
    lines = [f"# {config.site_name}", "", f"> {config.site_description}"]
    section = None
    for page in _navigation:
        top = page.ancestors[-1].title if page.ancestors else "Start"
        if top != section:
            lines += ["", f"## {top}", ""]
            section = top
        lines.append(f"- [{page.title}]({page.file.src_uri}): {first_sentence(page.markdown or '')}")
    lines += ["", "## Optional", "", "- [Everything](llms-full.txt): all of these pages in one file"]
    lines += [
        "- [OpenAPI](openapi.json): the HTTP API",
        "- [TypeScript](wingmanmatch.d.ts): the types of supabase-js",
    ]
    return "\n".join(lines) + "\n"


def first_sentence(markdown: str) -> str:
    """The first sentence of a page's text, without links."""
    paragraphs = re.split(r"\n\s*\n", FENCE.sub("", markdown))
    text = next(part for part in paragraphs if re.match(r"[\w`*\[]", part.strip()))
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(text.split())).replace("**", "")
    return re.split(r"(?<=[.])\s", plain, maxsplit=1)[0].rstrip(":")


def _with_links_of_the_site(markdown: str, uri: str) -> str:
    folder = posixpath.dirname(uri) or "."
    for link, path in sorted(set(_links(markdown, _origin(uri))), reverse=True):
        target = posixpath.relpath(_uri(path), folder)
        if target != link:
            markdown = re.sub(rf"(?<=[(\"]){re.escape(link)}(?=[)#\"])", target, markdown)
    return markdown


def _links(markdown: str, origin: str) -> Iterator[tuple[str, str]]:
    """Relative links, each with the path of its target in the repository."""
    for link in LINK.findall(FENCE.sub("", markdown)):
        if not ELSEWHERE.match(link):
            yield link, posixpath.normpath(posixpath.join(posixpath.dirname(origin), link))


def _origin(uri: str) -> str:
    """Where the repository has a file of the site."""
    return f"docs/{uri}" if (ROOT / "docs" / uri).is_file() else uri


def _uri(path: str) -> str:
    """Where the site has a file of the repository."""
    return path.removeprefix("docs/")


def _file(path: str, uri: str, config: MkDocsConfig) -> File:
    return File.generated(config, uri, abs_src_path=str(ROOT / path))
