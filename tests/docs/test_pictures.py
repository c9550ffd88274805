"""The pictures of the documents are those of the texts beside them."""

import hashlib
import re

import pytest
from wingmanmatch.database import paths

PICTURES = paths.ROOT / "docs" / "pictures"
TEXTS = sorted(PICTURES.glob("*.dot"))


def test_each_text_has_a_picture_and_each_picture_a_text() -> None:
    assert TEXTS
    assert {file.stem for file in PICTURES.glob("*.svg")} == {file.stem for file in TEXTS}


@pytest.mark.parametrize("text", TEXTS, ids=[file.stem for file in TEXTS])
def test_a_picture_was_drawn_from_its_text(text) -> None:
    """If this fails, run ``make pictures``."""
    svg = text.with_suffix(".svg").read_text(encoding="utf-8")
    digest = hashlib.sha256(text.read_bytes()).hexdigest()
    assert f"<!-- {text.name} sha256:{digest} -->" in svg
    assert "prefers-color-scheme: dark" in svg


def test_every_picture_is_shown() -> None:
    shown = "".join(file.read_text(encoding="utf-8") for file in (paths.ROOT / "docs").glob("*.md"))
    assert {f"{file.stem}.svg" for file in TEXTS} <= set(re.findall(r"\(pictures/([\w.]+)\)", shown))
