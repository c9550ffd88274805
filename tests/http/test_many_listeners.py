"""Many listeners: each hears what it is told, once, and takes little memory."""

import asyncio
from contextlib import ExitStack

import pytest
from many_listeners import measure, staged


@pytest.mark.parametrize("listeners", [400, pytest.param(5000, marks=pytest.mark.long)])
@pytest.mark.exhaustive
def test_everybody_hears_their_own_once(database_url, listeners):
    with ExitStack() as stack:
        stage = staged(stack, database_url, listeners)
        figures = asyncio.run(measure(stage, events_each_second=200, seconds=listeners // 400))
    assert figures.listeners == listeners
    assert figures.heard == figures.due
    assert figures.heard.total() == listeners // 2
    # it was a third of this when it was measured
    assert figures.bytes_each < 65_536
