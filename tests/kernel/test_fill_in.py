"""Words in braces are filled in once, whatever the values are."""

import pytest


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        (None, None),
        ("", ""),
        ("No word", "No word"),
        ("{a}", "{b}"),
        ("{a}{b}", "{b}{a}"),
        ("x {a} y {b} z {a}", "x {b} y {a} z {b}"),
        ("{null} and {missing}", "{null} and {missing}"),
    ],
)
def test_a_value_is_not_filled_in_itself(db, template, filled):
    row = db.execute(
        """select wingman.fill_in(%s, '{"a": "{b}", "b": "{a}", "null": null}') as filled""", [template]
    ).fetchone()
    assert row == {"filled": filled}


def test_a_sentence_begins_with_a_capital(db):
    row = db.execute(
        """select wingman.sentence('{who} waits for {who}', '{"who": "éva"}') as some,
                  wingman.sentence('', '{}') as empty"""
    ).fetchone()
    assert row == {"some": "Éva waits for éva", "empty": ""}
