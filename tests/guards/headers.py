"""The headers of an HTTP request and of its answer, as PostgREST passes them on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harness import Caller


@contextmanager
def request(
    caller: Caller, headers: dict[str, str] | str | None = None, method: str = "POST"
) -> Iterator[None]:
    """One HTTP request: calls inside come with these headers."""
    with caller.transaction():
        text = json.dumps(headers or {}) if not isinstance(headers, str) else headers
        caller.connection.execute(
            "select set_config('request.method', %s, true), set_config('request.headers', %s, true)",
            [method, text],
        )
        yield


def response_headers(caller: Caller) -> Any:
    """The headers that the answer would carry; asked within the request."""
    row = caller.connection.execute("select current_setting('response.headers', true) as text").fetchone()
    assert row is not None
    return json.loads(row["text"] or "[]")
