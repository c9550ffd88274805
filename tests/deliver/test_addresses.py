"""Which addresses that users give are called, and where the connection goes."""

import asyncio
from ipaddress import ip_address

import httpcore
import pytest
from wingmanmatch.deliver.addresses import (
    AddressNotAllowedError,
    CheckedNetwork,
    checked_endpoint,
    is_public,
)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://push.test/send/abc",
        "https://PUSH.test/",
        "https://push.test:443/send",
        "https://db5p.wide.test/w/?token=abc%2B",
        "https://a.b.wide.test/",
    ],
)
def test_what_may_be_called(endpoint):
    assert checked_endpoint(endpoint).scheme == "https"


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.test/",
        "ftp://push.test/",
        "https://push.test:8443/",
        "https://push.test:80/",
        "https://user@push.test/",
        "https://user:password@push.test/",
        "https://push.test@elsewhere.test/",
        "https:///path",
        "https://push.test\\@elsewhere.test/",
        "https://push.test\r\nHost: elsewhere.test/",
        "//push.test/",
        "push.test",
        "",
        None,
    ],
)
def test_what_may_not(endpoint):
    with pytest.raises(AddressNotAllowedError):
        checked_endpoint(endpoint)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "2606:2800:220:1:248:1893:25c8:1946",
        "64:ff9b::5db8:d822",  # 93.184.216.34 by NAT64
        "::ffff:93.184.216.34",
        "2002:5db8:d822::1",  # 6to4 of it
    ],
)
def test_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "100::1",
        "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo of 10.0.0.1
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:2800:220:1:248:1893:25c8:1946%1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_not_public(address):
    assert not is_public(ip_address(address))


def connect(*places, is_allowed=is_public):
    """Connect to a name that leads to these; what the other side is."""

    async def resolve(host, port):
        assert (host, port) == ("push.test", 443)
        return places

    async def run():
        stream = await CheckedNetwork(resolve, is_allowed).connect_tcp("push.test", 443, timeout=10)
        try:
            return stream.get_extra_info("server_addr")
        finally:
            await stream.aclose()

    return asyncio.run(run())


def test_the_connection_goes_to_the_address_that_was_checked(receiver):
    place = "127.0.0.1", receiver.port
    checked = []
    assert connect(place, is_allowed=lambda address: not checked.append(address)) == place
    assert checked == [ip_address("127.0.0.1")]


def test_one_private_address_is_enough_to_refuse(receiver):
    with pytest.raises(AddressNotAllowedError):
        connect(("93.184.216.34", 443), ("127.0.0.1", receiver.port))
    assert receiver.connections == 0


def test_the_next_address_is_tried(receiver):
    place = "127.0.0.1", receiver.port
    assert connect(("127.0.0.1", 1), place, is_allowed=lambda address: True) == place


def test_a_name_that_leads_nowhere():
    with pytest.raises(httpcore.ConnectError):
        connect()


def test_names_are_resolved_by_the_system():
    async def run():
        with pytest.raises(AddressNotAllowedError):
            await CheckedNetwork().connect_tcp("localhost", 443, timeout=10)
        with pytest.raises(httpcore.ConnectError):
            await CheckedNetwork().connect_tcp("nowhere.invalid", 443, timeout=10)

    asyncio.run(run())


def test_a_resolver_that_takes_too_long():
    async def resolve(host, port):
        await asyncio.Event().wait()

    async def run():
        with pytest.raises(httpcore.ConnectTimeout):
            await CheckedNetwork(resolve).connect_tcp("push.test", 443, timeout=0.01)

    asyncio.run(run())
