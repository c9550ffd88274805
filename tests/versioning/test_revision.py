"""``make migration`` in a small tree: what it copies, drops, and leaves to be written by hand."""

from collections.abc import Callable

import psycopg
import pytest
from harness import psql
from versioning.conftest import NewDatabase
from versioning.tree import FILES, Tree
from wingmanmatch.database.fingerprint import differences, fingerprint

LABEL = "sql/probe/thing_label.sql"
COUNT = "sql/probe/count_things.sql"
COUNT_TEXT = """
create or replace function wingman.count_things()
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select count(*) from public.things);
end
$$;

comment on function wingman.count_things() is 'How many things there are';
revoke all on function wingman.count_things() from public;
"""
ADD_COLUMN = "alter table public.things add column color text;"


def look(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        return fingerprint(connection)


def assert_round_trip(tree: Tree, new_database: NewDatabase) -> None:
    """The second revision leads to what sql/ says, and back to what the first one left."""
    installed, migrated = new_database(), new_database()
    psql(installed, f"--file={tree.root / 'sql/install.sql'}")
    tree.upgrade(migrated, "0001")
    first = look(migrated)
    tree.upgrade(migrated)
    assert differences(look(installed), look(migrated)) == []
    tree.downgrade(migrated, "0001")
    assert differences(first, look(migrated)) == []
    tree.upgrade(migrated)
    assert differences(look(installed), look(migrated)) == []


def change_body(tree: Tree) -> None:
    tree.edit(LABEL, "'a  '", "'a '")


def add_argument(tree: Tree) -> None:
    tree.edit(LABEL, "(name text)", "(name text, mark text default '!')")
    tree.edit(LABEL, "thing_label(text)", "thing_label(text, text)")


def rename_argument(tree: Tree) -> None:
    tree.edit(LABEL, "(name text)", "(label text)")
    tree.edit(LABEL, "|| name", "|| label")


def change_result(tree: Tree) -> None:
    tree.edit(LABEL, "returns text", "returns varchar")


def change_comment(tree: Tree) -> None:
    tree.edit(LABEL, "What a thing is called", "How a thing is called")


def new_function(tree: Tree) -> None:
    tree.add(COUNT, COUNT_TEXT)


def new_table(tree: Tree) -> None:
    tree.add("sql/probe/others.sql", FILES["sql/probe/things.sql"].replace("things", "others"))


def remove_function(tree: Tree) -> None:
    tree.remove(LABEL)


def remove_function_and_its_result(tree: Tree) -> None:
    tree.remove("sql/probe/get_thing.sql")
    tree.remove("sql/probe/thing_details.sql")


def change_trigger(tree: Tree) -> None:
    tree.edit("sql/probe/triggers.sql", "before insert or update of name", "after insert")


def change_policy(tree: Tree) -> None:
    tree.edit("sql/probe/policies.sql", "id > 0", "id > 1")


def move(tree: Tree) -> None:
    tree.move("sql/probe/things.sql", "sql/probe/tables/things.sql")


# what one revision may have together
CHANGES: list[list[Callable[[Tree], None]]] = [
    [change_body, new_function, change_trigger, move],
    [add_argument, new_table, change_policy],
    [rename_argument],
    [change_result],
    [change_comment, remove_function_and_its_result],
    [remove_function],
]


@pytest.mark.representatives("change_body")
@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: changes[0].__name__)
def test_changes_go_up_and_down(
    tree: Tree, new_database: NewDatabase, changes: list[Callable[[Tree], None]]
) -> None:
    for change in changes:
        change(tree)
    assert "Wrote migrations/versions/0002_change.up.sql" in tree.migration("change")
    assert_round_trip(tree, new_database)
    assert "Nothing to do" in tree.migration("again")


# test_changes_go_up_and_down ends with the same
@pytest.mark.exhaustive
def test_nothing_to_do(tree: Tree) -> None:
    assert "Nothing to do: sql/ equals the frozen history" in tree.migration("again")
    assert [file.name for file in sorted((tree.root / "migrations/versions").glob("*.py"))] == [
        "0001_the_start.py"
    ]


def test_only_what_changed_is_frozen(tree: Tree) -> None:
    change_body(tree)
    tree.migration("shorter label")
    up, down = tree.frozen("0002*.up.sql").read_text(), tree.frozen("0002*.down.sql").read_text()
    assert up == f"-- file: {LABEL}\n{(tree.root / LABEL).read_text()}"
    assert down == f"-- file: {LABEL}\n{FILES[LABEL].lstrip()}"


@pytest.mark.exhaustive
def test_changed_table_is_written_by_hand(tree: Tree, new_database: NewDatabase) -> None:
    path = "sql/probe/things.sql"
    tree.edit(path, "default 'thing'\n", "default 'thing',\n    color text\n")
    assert tree.migration("color").count("by hand") == 2
    with pytest.raises(psycopg.errors.RaiseException, match=f"Write here what the change of {path} needs"):
        tree.upgrade(new_database())

    for direction, ddl in (("up", ADD_COLUMN), ("down", "alter table public.things drop column color;")):
        file = tree.frozen(f"0002*.{direction}.sql")
        marker = file.read_text().splitlines()[0]
        assert marker.startswith(f"-- file: {path}")
        file.write_text(f"{marker}\n{ddl}\n")
    assert_round_trip(tree, new_database)
    assert "Nothing to do" in tree.migration("again")

    tree.edit(path, "color text", "color text not null")
    assert "by hand" in tree.migration("the text of the second revision is not known")


@pytest.mark.exhaustive
def test_removed_table_is_written_by_hand(tree: Tree, new_database: NewDatabase) -> None:
    for name in ("policies", "triggers", "thing_key", "things"):
        tree.remove(f"sql/probe/{name}.sql")
    tree.migration("no things")
    with pytest.raises(
        psycopg.errors.RaiseException, match=r"Write here what the change of sql/probe/things\.sql needs"
    ):
        tree.upgrade(new_database())


def test_move_with_a_change_is_refused(tree: Tree) -> None:
    tree.move(LABEL, "sql/probe/label.sql")
    tree.edit("sql/probe/label.sql", "'a  '", "'b'")
    with pytest.raises(RuntimeError, match="moved and changed"):
        tree.migration("both")


def test_function_without_its_comment_is_refused(tree: Tree) -> None:
    tree.add(COUNT, COUNT_TEXT.replace("comment on function", "-- "))
    with pytest.raises(RuntimeError, match="needs its comment"):
        tree.migration("count")


def test_downgrade_refuses_to_lose_rows(tree: Tree, new_database: NewDatabase) -> None:
    url = new_database()
    tree.upgrade(url)
    before = look(url)
    with psycopg.connect(url) as connection:
        connection.execute("insert into public.things (id) values (1)")
    with pytest.raises(
        psycopg.errors.ObjectNotInPrerequisiteState,
        match=r"This downgrade would lose the rows of public\.things",
    ):
        tree.downgrade(url, "base")
    assert differences(before, look(url)) == []


@pytest.mark.exhaustive
def test_what_is_made_from_other_rows_may_be_lost(tree: Tree, new_database: NewDatabase) -> None:
    path = "sql/probe/counts.sql"
    tree.add(path, "-- derived: counted from public.things\ncreate table wingman.counts (things integer);\n")
    tree.migration("counts")
    url = new_database()
    tree.upgrade(url)
    with psycopg.connect(url) as connection:
        connection.execute("insert into wingman.counts (things) values (1)")
    tree.downgrade(url, "0001")


@pytest.mark.exhaustive
def test_the_open_revision_is_made_anew_under_its_name(tree: Tree, new_database: NewDatabase) -> None:
    change_body(tree)
    tree.migration("shorter label")
    new_function(tree)
    assert "0002_shorter_label.up.sql" in tree.migration("--again")
    assert "Nothing to do" in tree.migration("again")
    assert_round_trip(tree, new_database)


@pytest.mark.exhaustive
def test_a_released_revision_is_not_made_anew(tree: Tree) -> None:
    tree.migration("--release")
    change_body(tree)
    with pytest.raises(RuntimeError, match=r"0001_the_start\.py is released: make a new revision instead"):
        tree.migration("--again")


@pytest.mark.exhaustive
def test_parts_written_by_hand_are_not_lost(tree: Tree, new_database: NewDatabase) -> None:
    path = "sql/probe/things.sql"
    tree.edit(path, "default 'thing'\n", "default 'thing',\n    color text\n")
    tree.migration("color")
    for direction, ddl in (("up", ADD_COLUMN), ("down", "alter table public.things drop column color;")):
        file = tree.frozen(f"0002*.{direction}.sql")
        file.write_text(f"{file.read_text().splitlines()[0]}\n{ddl}\n")
    change_body(tree)
    new_function(tree)
    assert "by hand" not in tree.migration("--again")
    assert ADD_COLUMN in tree.frozen("0002*.up.sql").read_text()
    assert_round_trip(tree, new_database)

    before = tree.frozen("0002*.up.sql").read_text()
    tree.edit(path, "color text", "color text not null")
    with pytest.raises(
        RuntimeError, match=f"has changed since this part was written by hand: -- file: {path}"
    ):
        tree.migration("--again")
    assert tree.frozen("0002*.up.sql").read_text() == before


@pytest.mark.exhaustive
def test_what_nobody_has_written_yet_is_still_asked_for(tree: Tree) -> None:
    tree.edit("sql/probe/things.sql", "name text", "color text,\n    name text")
    tree.migration("color")
    change_body(tree)
    tree.edit("sql/probe/things.sql", "color text", "colour text")
    assert tree.migration("--again").count("by hand") == 2
    up = tree.frozen("0002*.up.sql").read_text()
    assert up.count("Write here what the change of sql/probe/things.sql needs") == 1
    assert "'a '" in up


@pytest.mark.exhaustive
def test_what_cannot_be_made_anew_stays_as_it_was(tree: Tree) -> None:
    before = {path: path.read_text() for path in sorted((tree.root / "migrations/versions").glob("0001*"))}
    assert len(before) == 3
    tree.add(COUNT, COUNT_TEXT.replace("comment on function", "-- "))
    with pytest.raises(RuntimeError, match="needs its comment"):
        tree.migration("--again")
    assert {path: path.read_text() for path in before} == before


def test_failed_upgrade_leaves_nothing(tree: Tree, new_database: NewDatabase) -> None:
    new_function(tree)
    tree.migration("count")
    with tree.frozen("0002*.up.sql").open("a") as file:
        file.write("\nselect 1 / 0;\n")
    url = new_database()
    with pytest.raises(psycopg.errors.DivisionByZero):
        tree.upgrade(url)
    with psycopg.connect(url) as connection:
        assert connection.execute("select to_regnamespace('wingman')").fetchone() == (None,)


@pytest.mark.exhaustive
def test_released_revisions_are_frozen(tree: Tree) -> None:
    assert tree.migration("--release").splitlines() == [
        "Released 0001_the_start.down.sql",
        "Released 0001_the_start.py",
        "Released 0001_the_start.up.sql",
    ]
    change_body(tree)
    tree.migration("shorter label")
    assert "0001" not in tree.migration("--release")
    with tree.frozen("0001*.up.sql").open("a") as file:
        file.write("\n")
    with pytest.raises(RuntimeError, match=r"Released files have changed: 0001_the_start\.up\.sql"):
        tree.migration("--release")
