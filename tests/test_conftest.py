import socket

import pytest


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_the_network_is_refused_with_the_name_of_the_host(host: str) -> None:
    with pytest.raises(AssertionError, match=f"no network but loopback.*{host}"):
        socket.create_connection((host, 80), timeout=1)


def test_a_datagram_is_refused_as_well() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
        pytest.raises(AssertionError, match="no network but loopback"),
    ):
        datagram.sendto(b"hello", ("192.0.2.1", 53))


def test_loopback_is_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()
