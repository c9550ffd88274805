"""Bytes as no client library would send them."""

import socket
from urllib.parse import urlsplit


def raw(url: str, *parts: bytes, timeout: float = 15.0) -> bytes:
    """Send bytes to a server and read what it answers until it closes the connection."""
    with connected(url, timeout) as connection:
        for part in parts:
            connection.sendall(part)
        return read_all(connection)


def connected(url: str, timeout: float = 15.0) -> socket.socket:
    """A connection to a server."""
    where = urlsplit(url)
    assert where.hostname and where.port
    return socket.create_connection((where.hostname, where.port), timeout)


def read_all(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    answer = b""
    while True:
        try:
            chunk = connection.recv(65_536)
        except ConnectionResetError:
            return answer
        if not chunk:
            return answer
        answer += chunk
