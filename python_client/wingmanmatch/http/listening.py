"""The port at which a server listens."""

import os
from socket import AF_INET, AF_INET6, create_server, socket
from typing import Final

_BACKLOG: Final = 2048


class PortTakenError(OSError):
    """The port is in use, or this user is not allowed to listen on it."""


def listen(host: str, port: int, option: str = "--port") -> socket:
    """Start to listen; port 0 takes any free one.

    Args:
        host: the address to listen on.
        port: the port.
        option: of the command line, with which another port is chosen.

    Raises:
        PortTakenError: that is impossible; the message says why.
    """
    family = AF_INET6 if ":" in host else AF_INET
    try:
        return create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise PortTakenError(
            f"Cannot listen on {host}, port {port}: {reason}. Choose another one with {option}"
        ) from error


def url_of(listener: socket) -> str:
    """Where it listens."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
