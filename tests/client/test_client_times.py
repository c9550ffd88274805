"""The client takes a time with its offset, as a datetime or as a text, and nothing else in its place."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from harness import Connection, People, Rpc
from rows import all_rows
from times import DAY, FORMS, REFUSAL, REFUSED_TEXTS, TIMES, read, working_call
from ways import Way
from wingmanmatch import DEFAULT, InvalidInput
from wingmanmatch._rpc import Call, Time

NAIVE = datetime.combine(DAY, time(18))
AWARE = [
    NAIVE.replace(tzinfo=UTC),
    NAIVE.replace(tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    NAIVE.replace(tzinfo=ZoneInfo("Asia/Kolkata"), microsecond=123456),
]
NO_TIMES: list[Any] = [
    *(NAIVE, datetime.max, NAIVE.date(), date.max, NAIVE.time(), time(18, tzinfo=UTC), timedelta(days=1)),
    *(20301201, 1796142000, 1.5, True, False, b"2030-12-01T18:00:00Z", uuid4(), [], {}, object(), Time("x")),
]


class Text(str):
    """A text of another type."""

    def __str__(self) -> str:
        return "tomorrow"


@pytest.mark.representatives("pool-async-create_session-*", "http-sync-*")
@pytest.mark.parametrize(("function", "argument"), TIMES)
def test_what_is_no_time_with_an_offset_is_refused_and_changes_nothing(
    way: Way, db: Connection, people: People, function: str, argument: str
) -> None:
    user_id, arguments = working_call(function, db, people)
    before = all_rows(db)
    with way.connect() as client:
        api = client.as_user(user_id)
        for value in [*REFUSED_TEXTS, *NO_TIMES]:
            with pytest.raises(InvalidInput) as refusal:
                getattr(api, function)(**{**arguments, argument: value}, idempotency_key="once")
            error = refusal.value
            assert (error.name, error.status, error.message) == (
                "invalid_input",
                400,
                f"{argument} {REFUSAL}",
            ), value
            assert (error.context, error.idempotency_key) == ({"argument": argument}, "once")
    assert all_rows(db) == before


# tests/call/test_times.py reads every form
@pytest.mark.representatives(
    *("*-create_session-*-UTC", "*-create_session-*-a text of another type"),
    *("pool-async-*-Asia/Kolkata", "http-sync-*-T18:00:00-09:30", "http-sync-create_session-*"),
)
@pytest.mark.parametrize(
    "value",
    [*FORMS, *AWARE, Text(FORMS[0])],
    ids=[*FORMS, "UTC", "-09:30", "Asia/Kolkata", "a text of another type"],
)
@pytest.mark.parametrize(("function", "argument"), TIMES)
def test_a_time_with_an_offset_is_that_time(
    way: Way, db: Connection, people: People, rpc: Rpc, function: str, argument: str, value: Any
) -> None:
    moment = value
    if isinstance(value, str):
        value = type(value)(f"{DAY}{str.__str__(value)}")
        moment = read(str.__str__(value))
    user_id, arguments = working_call(function, db, people, moment)
    with way.connect() as client:
        getattr(client.as_user(user_id), function)(**{**arguments, argument: value}, idempotency_key="once")
    # the key is of the same arguments, and times are compared by value
    before = all_rows(db)
    rpc.as_user(user_id).call(function, **{**arguments, argument: moment}, idempotency_key="once")
    assert all_rows(db) == before


def test_an_offset_with_seconds_is_one_too() -> None:
    moment = datetime(1880, 1, 1, tzinfo=ZoneInfo("Europe/Amsterdam"))
    assert Call.of("f", {"at": Time.of(moment)}).arguments == {"at": moment.isoformat()}


def test_null_and_what_is_left_out_stay_so() -> None:
    assert Call.of("f", {"at": Time.of(None), "until": Time.of(DEFAULT)}).arguments == {"at": None}


def test_a_datetime_is_no_text() -> None:
    with pytest.raises(InvalidInput):
        Call.of("f", {"name": AWARE[0]})  # type: ignore[dict-item]
