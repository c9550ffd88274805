"""Everything that the documents name exists: files, headings, tests, and objects of sql/."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from wingmanmatch.database import paths

DOCS = paths.ROOT / "docs"
DOCUMENTS = sorted(
    [*DOCS.glob("*.md"), *(paths.ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md"))]
)
RACES = DOCS / "races.md"

# A path that begins in the root, not one within another path or URL.
PATH = re.compile(r"(?<![\w./-])(?:sql|tests|python_client)/[\w./*-]*")
TEST_FILE = re.compile(r"(?<![\w./-])(?:[\w/]+/)?test_\w+\.py")
LINK = re.compile(r"\]\(([^)\s]+)\)")
TEST = re.compile(r"([\w/]+\.py)::(\w+)")
MADE = re.compile(r"\bcreate (?:or replace )?(?:function|table|view) (?:public\.)?([\w.]+)")


def missing_paths(text: str) -> list[str]:
    """The paths in a text that do not exist; a star matches any name."""
    named = {path.rstrip(".") for path in PATH.findall(text)}
    return sorted(path for path in named if not any(paths.ROOT.glob(path.rstrip("/"))))


def missing_test_files(text: str, home: str) -> list[str]:
    """The test files in a text that do not exist; home is the folder of those without one."""
    named = set(TEST_FILE.findall(text))
    return sorted(
        name for name in named if not any(paths.ROOT.glob(name if "/" in name else f"{home}/{name}"))
    )


def missing_links(text: str, document: Path) -> list[str]:
    """The relative links in a text of this document that lead to no file, or to no heading of it."""
    return sorted({link for link in LINK.findall(text) if not leads_somewhere(link, document)})


def leads_somewhere(link: str, document: Path) -> bool:
    if re.match(r"[a-z]+:", link):
        return True  # to another site
    name, _, anchor = link.partition("#")
    target = document.parent / name if name else document
    return target.exists() and (not anchor or anchor in anchors(target))


@cache
def anchors(document: Path) -> set[str]:
    """What a link to a document may name, as GitHub makes it of headings."""
    text = document.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


def missing_tests(text: str) -> list[str]:
    """The tests in a text, as file::test, that do not exist."""
    return sorted({f"{file}::{test}" for file, test in TEST.findall(text) if test not in functions_in(file)})


@cache
def functions_in(file: str) -> set[str]:
    """The functions of a file, by name; a file without a folder is one of the races."""
    path = paths.ROOT / (file if "/" in file else f"tests/races/{file}")
    if not path.exists():
        return set()
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


def missing_objects(text: str) -> list[str]:
    """The qualified names in a text that sql/ does not make, and other names that it does not mention."""
    sql = "\n".join(file.read_text(encoding="utf-8") for file in (paths.ROOT / "sql").rglob("*.sql"))
    made = set(MADE.findall(sql))
    qualified = set(re.findall(r"\b(?:wingman|wingman_admin|public)\.\w+", text))
    # of constraints, indexes, columns and calls it is enough that sql/ has the word
    words = set(re.findall(r"`([a-z0-9]+_\w+)`", text))
    return sorted(
        {name for name in qualified if name.removeprefix("public.") not in made}
        | {word for word in words if not re.search(rf"\b{word}\b", sql)}
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=[document.name for document in DOCUMENTS])
def test_a_document_names_files_and_links_that_are_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    home = "tests/races" if document == RACES else "tests/**"
    assert missing_paths(text) == []
    assert missing_test_files(text, home) == []
    assert missing_links(text, document) == []


def test_the_races_are_tests_and_rest_on_what_is_there() -> None:
    text = RACES.read_text(encoding="utf-8")
    rows = [row for row in text.splitlines() if row.startswith("| ") and not row.startswith("| what meets |")]
    assert [row for row in rows if not TEST.search(row)] == []
    assert missing_tests(text) == []
    assert missing_objects(text) == []


def test_every_file_of_races_is_named() -> None:
    named = RACES.read_text(encoding="utf-8")
    files = {file.name for file in (paths.ROOT / "tests" / "races").glob("test_*.py")}
    assert {file for file in files if file not in named} == {"test_invariants.py"}


def test_what_is_not_there_is_found() -> None:
    text = """
    `sql/kernel/gone.sql`, sql/kernel/new_id.sql. `tests/gone/`; [here](gone.md), [there](races.md#gone),
    [a site](https://example.com/tests/gone.py), `test_gone.py`, `other/sql/gone.sql`
    `test_at_once.py::test_gone`, `test_gone.py::test_x`, `tests/docs/test_references.py::test_gone`
    `wingman.gone`, `wingman.lock_match`, `public.gone`, `gone_idx`, `wingman_sessions_one_active_idx`
    """
    assert missing_paths(text) == ["sql/kernel/gone.sql", "tests/gone/"]
    assert missing_test_files(text, "tests/races") == ["test_gone.py"]
    assert missing_links(text, RACES) == ["gone.md", "races.md#gone"]
    assert missing_tests(text) == [
        "test_at_once.py::test_gone",
        "test_gone.py::test_x",
        "tests/docs/test_references.py::test_gone",
    ]
    assert missing_objects(text) == ["gone_idx", "public.gone", "wingman.gone"]
