"""The process of a worker for web push, whose push service is on this machine. Run by test_deliver_process.

It is ``wingman deliver`` with another resolver and another certificate authority.
"""

import os
import ssl

from wingmanmatch.deliver.addresses import CheckedNetwork
from wingmanmatch.deliver.posting import Poster
from wingmanmatch.deliver.process import Made, deliver
from wingmanmatch.deliver.settings import Settings
from wingmanmatch.deliver.web_push import Vapid, WebPushChannel


def local_push(settings: Settings, port: int, certificate: str) -> Made:
    """The channel, to a port of this machine, for an authority with this certificate."""

    async def resolve(host: str, _: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", port)]

    tls = ssl.create_default_context(cadata=certificate)
    poster = Poster(settings.at_once, tls, CheckedNetwork(resolve, lambda address: True))
    return WebPushChannel(poster, Vapid(settings.vapid_key, settings.vapid_contact)), settings.at_once


if __name__ == "__main__":
    environment = os.environ
    deliver(
        Settings(
            environment["WINGMAN_DATABASE_URL"],
            channels=("web_push",),
            poll_seconds=0.01,
            vapid_key=environment["WINGMAN_VAPID_KEY"],
            vapid_contact=environment["WINGMAN_VAPID_CONTACT"],
        ),
        None,
        lambda settings: [local_push(settings, int(environment["PUSH_PORT"]), environment["PUSH_CA"])],
    )
