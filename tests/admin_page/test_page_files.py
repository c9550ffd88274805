"""The files of the operators' page, without a browser."""

import re

from wingmanmatch.admin.app import PAGE
from wingmanmatch.database import paths

HTML = (PAGE / "index.html").read_text(encoding="utf-8")
MODULES = {path.name: path.read_text(encoding="utf-8") for path in PAGE.glob("*.js")}


def test_one_module_alone_talks_to_the_process():
    talking = {name for name, text in MODULES.items() if re.search(r"\bfetch\(|XMLHttpRequest", text)}
    # the outlines are a file
    assert talking == {"api.js", "places.js"}


def test_nothing_is_parsed_as_html_and_nothing_stands_in_line():
    shared = [path.read_text(encoding="utf-8") for path in paths.SHARED_PAGE.glob("*.js")]
    for text in (*MODULES.values(), *shared):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|DOMParser|document\.write|\beval\(", text
        )
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]* src=)", HTML)


def test_all_modules_are_there_before_a_view_needs_them():
    """So that a view can still be shown, with what is lost, once the process is gone."""
    preloaded = set(re.findall(r'<link rel="modulepreload" href="([^"]+)">', HTML))
    shared = {f"shared/{path.name}" for path in paths.SHARED_PAGE.glob("*.js")}
    assert preloaded == {*MODULES} - {"main.js"} | shared | {"vendor/uPlot.js"}
