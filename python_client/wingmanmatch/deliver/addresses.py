"""Addresses that users give: which of them are called, and over which connection.

A user could give the address of something that only this machine can reach. So the database gives out only
those whose host is in ``settings.push_hosts``. Here the name must lead to public addresses only, and the
connection goes to the address that was checked: resolved again, the name could lead elsewhere.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import IPPROTO_TCP, SOCK_STREAM
from typing import Final

import httpcore
import httpx

_PORT: Final = 443
_NAT64: Final = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
Place = tuple[str, int]
"""An address and a port."""
Resolve = Callable[[str, int], Awaitable[Sequence[Place]]]
"""Where a name and a port lead."""
SocketOptions = Iterable[httpcore.SOCKET_OPTION]


class AddressNotAllowedError(Exception):
    """The address is not one to call."""


def checked_endpoint(endpoint: str) -> httpx.URL:
    """An address that may be called, as far as its text says.

    Raises:
        AddressNotAllowedError: it is not https at the standard port.
    """
    try:
        url = httpx.URL(endpoint)
    except (httpx.InvalidURL, TypeError) as error:
        raise AddressNotAllowedError from error
    if url.scheme != "https" or not url.host or url.port not in (None, _PORT) or url.userinfo:
        raise AddressNotAllowedError
    return url


def is_public(address: Address) -> bool:
    """Whether an address is one of the public Internet, whatever other address it may contain."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if address in _NAT64:
            return is_public(IPv4Address(address.packed[-4:]))
        if inner := address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1]):
            return is_public(inner)
        if address.is_site_local:
            return False
    is_special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    return address.is_global and not is_special


async def resolve(host: str, port: int) -> Sequence[Place]:
    """Where a name leads, as the system's resolver says.

    Raises:
        OSError: nowhere.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=SOCK_STREAM, proto=IPPROTO_TCP)
    return [(str(address[0]), int(address[1])) for *_, address in found]


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only. TLS is left to the pool, which checks the certificate of the host.

    Args:
        resolve: where names lead.
        is_allowed: which addresses may be called.
    """

    def __init__(self, resolve: Resolve = resolve, is_allowed: Callable[[Address], bool] = is_public) -> None:
        self._resolve = resolve
        self._is_allowed = is_allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the addresses to which a name leads.

        Raises:
            AddressNotAllowedError: not all of them are allowed.
            httpcore.ConnectError: there are none, or none answers.
            httpcore.ConnectTimeout: it has taken too long.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._connected(host, port, local_address, socket_options)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError from error

    async def _connected(
        self, host: str, port: int, local_address: str | None, socket_options: SocketOptions | None
    ) -> httpcore.AsyncNetworkStream:
        places = await self._resolve(host, port)
        if not all(self._is_allowed(ip_address(address)) for address, _ in places):
            raise AddressNotAllowedError
        reason: Exception = OSError("The name leads nowhere")
        for address, its_port in places:
            try:
                return await self._network.connect_tcp(
                    address, its_port, local_address=local_address, socket_options=socket_options
                )
            except httpcore.ConnectError as error:
                reason = error
        raise reason
