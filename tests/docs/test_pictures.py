"""The pictures of the documents are those of the texts beside them."""

import hashlib
import re
import runpy

import pytest
from wingmanmatch.database import paths

PICTURES = paths.ROOT / "docs" / "pictures"
TEXTS = sorted(PICTURES.glob("*.dot"))
RECORDING = PICTURES / "demo.svg"


def test_each_text_has_a_picture_and_each_picture_a_text() -> None:
    assert TEXTS
    drawn = {*PICTURES.glob("*.svg")} - {RECORDING}
    assert {file.stem for file in drawn} == {file.stem for file in TEXTS}


@pytest.mark.parametrize("text", TEXTS, ids=[file.stem for file in TEXTS])
def test_a_picture_was_drawn_from_its_text(text) -> None:
    """If this fails, run ``make pictures``."""
    svg = text.with_suffix(".svg").read_text(encoding="utf-8")
    digest = hashlib.sha256(text.read_bytes()).hexdigest()
    assert f"<!-- {text.name} sha256:{digest} -->" in svg
    assert "prefers-color-scheme: dark" in svg


def test_the_recording_is_that_of_todays_story() -> None:
    """If this fails, run ``make recording``."""
    svg = RECORDING.read_text(encoding="utf-8")
    assert f"<!-- demo sha256:{runpy.run_path(str(PICTURES / 'record.py'))['digest']()} -->" in svg
    assert "The end" in svg
    assert "prefers-color-scheme: dark" in svg
    assert "prefers-reduced-motion: reduce" in svg
    assert len(svg.encode()) < 200_000


def test_every_picture_is_shown() -> None:
    shown = "".join(file.read_text(encoding="utf-8") for file in (paths.ROOT / "docs").glob("*.md"))
    pictures = {file.name for file in PICTURES.glob("*.svg")}
    assert pictures <= set(re.findall(r"\(pictures/([\w.]+)\)", shown))
