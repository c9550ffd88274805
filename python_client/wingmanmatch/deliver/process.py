"""The worker as a process: ``wingman deliver``."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from socket import socket
from time import monotonic
from typing import Any, Final

from wingmanmatch.deliver.figures import LOGGED, Figures
from wingmanmatch.deliver.monitoring import Pulse, monitoring
from wingmanmatch.deliver.queue import Queue, check_login
from wingmanmatch.deliver.settings import Settings
from wingmanmatch.deliver.worker import Channel, Worker
from wingmanmatch.http.listening import url_of
from wingmanmatch.http.logs import log_as_json

_RESOLVERS: Final = 64
"""How many names are resolved at once: one that takes long must not delay the others."""
_PULSE_SECONDS: Final = 1.0

Made = tuple[Channel, int]
"""A channel, and how many attempts it may make at once."""
Make = Callable[[Settings], list[Made]]

log = logging.getLogger(__name__)


def made_channels(settings: Settings) -> list[Made]:
    """The channels that are to be sent, except Realtime.

    Raises:
        ValueError: a setting is not valid.
    """
    made: list[Made] = []
    if "email" in settings.channels:
        from wingmanmatch.deliver.email import Connections, EmailChannel, Letterhead, Smtp

        letterhead = Letterhead(settings.mail_from, settings.app_url, settings.public_url, settings.link_key)
        server = Smtp.of(settings.smtp_url)
        made.append((EmailChannel(Connections(server), letterhead), settings.mail_connections))
    if "web_push" in settings.channels:
        from wingmanmatch.deliver.addresses import CheckedNetwork
        from wingmanmatch.deliver.posting import Poster
        from wingmanmatch.deliver.web_push import Vapid, WebPushChannel

        vapid = Vapid(settings.vapid_key, settings.vapid_contact)
        poster = Poster(settings.at_once, network=CheckedNetwork())
        made.append((WebPushChannel(poster, vapid), settings.at_once))
    if "webhook" in settings.channels:
        from wingmanmatch.deliver.posting import Poster
        from wingmanmatch.deliver.webhook import WebhookChannel

        made.append((WebhookChannel(Poster(settings.at_once)), settings.at_once))
    return made


def deliver(settings: Settings, listener: socket | None, make: Make = made_channels) -> None:
    """Send until SIGTERM or SIGINT; then finish what is under way.

    Args:
        settings: the worker's.
        listener: the socket for the metrics, if they are wanted.
        make: makes the channels.

    Raises:
        ValueError: a setting is not valid.
        psycopg.Error: the database cannot be reached, or has no deliveries.
    """
    check_login(settings.database_url)
    channels = make(settings)
    log_as_json(LOGGED)
    asyncio.run(_run(settings, listener, channels))


async def _run(settings: Settings, listener: socket | None, channels: list[Made]) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_RESOLVERS))
    loop.set_exception_handler(_log_without_texts)
    figures, pulse = Figures(), Pulse()
    # for each channel, for settling, and one more
    queue = Queue(settings.database_url, len(settings.channels) + 2)
    worker = Worker(
        queue,
        channels,
        with_realtime="realtime" in settings.channels,
        poll_seconds=settings.poll_seconds,
        figures=figures,
    )
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, _end, loop, worker)
    async with AsyncExitStack() as stack:
        for channel, _ in channels:
            stack.push_async_callback(channel.aclose)
        await stack.enter_async_context(queue.opened())
        await stack.enter_async_context(_beating(pulse))
        if listener:
            stack.enter_context(
                monitoring(listener, figures.registry, pulse.age, lambda: monotonic() - worker.reached_at)
            )
            log.info("Metrics are on %s/metrics", url_of(listener))
        log.info("Delivering: %s", ", ".join(settings.channels))
        await worker.run()
        log.info("Everything under way is settled")


def _end(loop: asyncio.AbstractEventLoop, worker: Worker) -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(name)
    log.info("Ending: what is under way is finished; a second signal ends it at once")
    worker.end()


@asynccontextmanager
async def _beating(pulse: Pulse) -> AsyncIterator[None]:
    async def beat() -> None:
        while True:
            pulse.beat()
            await asyncio.sleep(_PULSE_SECONDS)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _log_without_texts(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody has waited for: only its kind, since its message may name an address."""
    error = context.get("exception")
    log.error("a task has failed", exc_info=error if isinstance(error, BaseException) else None)
