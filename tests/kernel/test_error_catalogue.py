"""The catalogue is the contract's table."""

import pytest
from contract_errors import ERRORS


@pytest.fixture
def catalogue(db):
    rows = db.execute("select * from wingman.error_catalogue()").fetchall()
    assert len({row["name"] for row in rows}) == len(rows)
    return {row["name"]: row for row in rows}


def test_names_statuses_and_messages_are_those_of_the_contract(catalogue):
    assert {name: (row["status"], row["message"]) for name, row in catalogue.items()} == ERRORS


def test_every_message_is_one_short_ascii_line(catalogue):
    for row in catalogue.values():
        assert row["message"].isascii()
        assert row["message"].isprintable()
        assert len(row["message"]) <= 80


def test_every_error_has_a_hint_of_its_own_words(catalogue):
    for row in catalogue.values():
        assert row["hint"].endswith(".")
        assert row["hint"] != row["message"]
