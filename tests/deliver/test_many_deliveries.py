"""Many messages: each comes once, and a worker takes no more memory for it."""

import asyncio

import pytest
from many_deliveries import drained, staged, waits


@pytest.mark.exhaustive
def test_webhooks_come_soon_and_a_backlog_is_drained(database_url):
    stage = staged(database_url, 200)
    soon = asyncio.run(waits(stage, events_each_second=50, seconds=2))
    assert len(soon.seconds) == 100
    done = asyncio.run(drained(stage, "webhook", 1000))
    assert done.is_exact
    assert done.memory_most < done.memory_before + 2**25


@pytest.mark.parametrize("channel", ["email", "web_push"])
@pytest.mark.exhaustive
def test_a_backlog_of_mail_and_pushes(database_url, channel):
    stage = staged(database_url, 20)
    assert asyncio.run(drained(stage, channel, 100)).is_exact
