"""What errors of PostgreSQL mean, whoever calls."""

import json

import psycopg
import pytest
from wingmanmatch.call.failure import Fault, Refusal, read_error

RAISE = "do $do$ begin raise exception using errcode = '{}', message = $m${}$m$, detail = $d${}$d$; end $do$"


@pytest.fixture
def raised(db):
    def read(code, message="Oh", detail=""):
        with pytest.raises(psycopg.Error) as failure:
            db.execute(RAISE.format(code, message, detail))
        return read_error(failure.value)

    return read


def test_a_refusal_has_its_name_in_the_detail(raised):
    told = raised("PT404", "Not here", '{"error": "match_not_found", "place": 7}')
    assert told == Refusal(
        "match_not_found",
        404,
        "PT404",
        "Not here",
        '{"error": "match_not_found", "place": 7}',
        None,
        {"place": 7},
    )


@pytest.mark.parametrize("detail", ["", "no JSON", "[1]", '"text"'])
def test_a_refusal_of_somebody_elses_has_no_name(raised, detail):
    told = raised("PT418", "Tea", detail)
    assert isinstance(told, Refusal)
    assert (told.name, told.status, told.context) == ("", 418, {})


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("22P02", "invalid_input"),
        ("54001", "invalid_input"),
        ("42501", "permission_denied"),
        ("57014", "statement_timeout"),
        ("57P01", "connection_lost"),
        ("08006", "connection_lost"),
        ("53300", "connection_lost"),
        ("40P01", "busy"),
        ("23505", None),
        ("P0001", None),
        ("PT100", None),
        ("PT999", None),
        ("PTABC", None),
    ],
)
def test_all_else_is_known_by_its_code(raised, code, name):
    told = raised(code)
    assert isinstance(told, Fault)
    assert (told.name, told.sqlstate, told.message) == (name, code, "Oh")


@pytest.mark.parametrize("code", ["53100", "53200", "53400", "58030", "58P01", "F0000", "XX000", "XX001"])
def test_the_words_of_a_server_in_trouble_are_not_repeated(raised, code):
    told = raised(code, 'could not extend file "base/5/16384"', "Check free disk space.")
    assert isinstance(told, Fault)
    said = f"The database server failed ({code})"
    assert (told.name, told.sqlstate, told.message, told.detail, told.hint) == (None, code, said, None, None)


def test_an_error_for_postgrest_stands_in_its_message(raised):
    message = {"code": "PT429", "message": "Wait", "details": '{"error": "rate_limited", "retry_after": 9}'}
    told = raised("PGRST", json.dumps(message), '{"status": 429, "headers": {"Retry-After": "9"}}')
    assert isinstance(told, Refusal)
    assert (told.name, told.status, told.sqlstate) == ("rate_limited", 429, "PT429")
    assert (told.context, told.headers) == ({"retry_after": 9}, {"Retry-After": "9"})


@pytest.mark.parametrize(
    "detail", ["", "x", '{"status": 99, "headers": {}}', '{"status": 400, "headers": []}']
)
def test_an_error_for_postgrest_that_it_could_not_read(raised, detail):
    told = raised("PGRST", '{"code": "PT400", "message": "Oh"}', detail)
    assert isinstance(told, Fault)
    assert (told.name, told.sqlstate) == (None, "PGRST121")


def test_nobody_answers():
    told = read_error(psycopg.OperationalError("connection refused"))
    assert told == Fault("connection_lost", "", "connection refused", None, None)
