"""One helper raises every error of the catalogue."""

import psycopg
import pytest
from contract_errors import ERRORS, refused
from harness import RpcError
from psycopg.types.json import Jsonb

CONTEXT = {
    "argument": "bio",
    "rule": "is long",
    "status": "declined",
    "verb": "started",
    "time": "noon",
    "until": "noon",
    "retry_after": 7,
    "limit": 8,
}


def raise_error(db, name, context):
    try:
        db.execute("select wingman.raise_error(%s, %s)", [name, Jsonb(context)])
    except psycopg.Error as error:
        raise RpcError(error) from error


# test_error_names.py meets every error
@pytest.mark.representatives("not_authenticated", "invalid_argument", "busy", "rate_limited")
@pytest.mark.parametrize("name", ERRORS)
def test_an_error_carries_status_message_context_and_hint(db, name):
    with refused(db, name, **CONTEXT):
        raise_error(db, name, CONTEXT)


def test_a_word_of_the_message_without_context_stays_visible(db):
    with pytest.raises(RpcError) as caught:
        raise_error(db, "match_already_resolved", {})
    assert caught.value.message == "Match is already {status} - cannot respond"


def test_a_name_outside_the_catalogue_cannot_be_raised(db):
    with pytest.raises(RpcError) as caught:
        raise_error(db, "made_up", {})
    assert caught.value.sqlstate == "P0002"
