"""wingman.data_inventory: every column of every table is in it, and says what becomes of it."""

from privacy.life import columns, inventory, kept_for_now


def test_every_column_of_every_table_is_in_it_and_nothing_else(db):
    assert {*inventory(db)} == {*columns(db)}


def test_a_new_column_has_to_say_what_it_is(db):
    with db.transaction(force_rollback=True):
        db.execute("alter table wingman.user_reports add shade text")
        assert {*columns(db)} - {*inventory(db)} == {("wingman.user_reports", "shade")}


def test_each_says_whose_it_is_and_what_becomes_of_it(db):
    said = inventory(db)
    assert kept_for_now(said) == {("wingman.user_reports", "reason")}
    for place, row in said.items():
        assert row["whose"] in ("own", "another", "impersonal"), place
        assert row["at_erasure"] in ("deleted", "pseudonymised", "kept"), place
        assert row["reason"] or row["at_erasure"] == "deleted", place
        if row["whose"] != "own":
            assert (row["withheld"] is None) == (row["whose"] == "impersonal"), place


def test_whatever_is_about_nobody_needs_no_erasure_but_with_its_row(db):
    said = inventory(db)
    for (table, column), row in said.items():
        if row["whose"] == "impersonal" and row["at_erasure"] == "deleted":
            together = {other["at_erasure"] for (name, _), other in said.items() if name == table}
            assert "kept" not in together, (table, column)
