"""Handshakes on accepted sockets, on whatever reactor runs, and on Twisted's own TLS."""

from __future__ import annotations

import socket
import ssl
import struct
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.protocol import Protocol
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from tests.integration.edge import certificate
from webproxy.net import tls_twisted
from webproxy.net.tls import ALPN, Context, negotiated, secure, server_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAME = "a.example"


class Echo(Protocol):
    """Says what it hears."""

    def __init__(self) -> None:
        self.lost = False

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def connectionLost(self, reason: object = None) -> None:
        self.lost = True


class Pair:
    """An accepted socket, and the client's end of it."""

    def __init__(self, folder: Path) -> None:
        self.files = certificate(folder, NAME)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.client = socket.create_connection(listener.getsockname(), 20)
            self.accepted, _ = listener.accept()
        self.accepted.setblocking(False)

    def shake(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.files[0]))
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context.wrap_socket(self.client, server_hostname=NAME)

    def close(self) -> None:
        self.client.close()
        self.accepted.close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    one = Pair(tmp_path)
    yield one
    one.close()


def by_twisted(reactor: Any, sock: socket.socket, context: Context, build: Callable[[], Any], timeout: float) -> Any:
    return tls_twisted.secure(reactor, sock, context.portable(), build, timeout)


BOTH = pytest.mark.parametrize("shake_hands", [secure, by_twisted])


@BOTH
@pytest_twisted.ensureDeferred
async def test_a_handshake_and_what_it_came_to(reactor: Any, pair: Pair, shake_hands: Any) -> None:
    done = shake_hands(reactor, pair.accepted, server_context(*pair.files), Echo, 20.0)
    client = await deferToThread(pair.shake)
    echo: Any = await done
    found = negotiated(echo.transport)
    assert (found.version, found.cipher) == (client.version(), (client.cipher() or ("",))[0])
    assert (found.alpn.decode(), client.selected_alpn_protocol()) == (ALPN, ALPN)
    await deferToThread(client.sendall, b"hello")
    assert await deferToThread(client.recv, 100) == b"hello"
    client.close()
    while not echo.lost:
        await deferLater(reactor, 0.005, lambda: None)


@pytest_twisted.ensureDeferred
async def test_writes_to_a_client_that_has_just_left_are_no_news(
    reactor: Any, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine's bytes that arrive in the same turn of the loop; aiofastnet warns of each after the fifth."""
    done = secure(reactor, pair.accepted, server_context(*pair.files), Echo, 20.0)
    client = await deferToThread(pair.shake)
    echo: Any = await done
    write = echo.transport.write
    echo.transport.abortConnection()
    for _ in range(10):
        write(b"late")
    assert not [record for record in caplog.records if "closed" in record.getMessage()]
    client.close()
    while not echo.lost:
        await deferLater(reactor, 0.005, lambda: None)


@BOTH
@pytest_twisted.ensureDeferred
async def test_no_handshake_in_time_and_none_at_all(reactor: Any, tmp_path: Path, shake_hands: Any) -> None:
    for says in (b"", b"\x16\3\1\0\5nonsense"):
        pair = Pair(tmp_path)
        done = shake_hands(reactor, pair.accepted, server_context(*pair.files), Echo, 0.5)
        pair.client.sendall(says)
        with pytest.raises(Exception, match=r"."):
            await done
        assert await deferToThread(_drained, pair.client)
        pair.close()
    await deferLater(reactor, 0.02, lambda: None)


@BOTH
@pytest_twisted.ensureDeferred
async def test_a_client_that_is_gone_already_is_told_of_and_raises_nothing(
    reactor: Any, pair: Pair, shake_hands: Any
) -> None:
    """Whoever calls this stands in the loop that accepts connections."""
    pair.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    pair.client.close()
    await deferLater(reactor, 0.02, lambda: None)
    done = shake_hands(reactor, pair.accepted, server_context(*pair.files), Echo, 20.0)
    with pytest.raises(Exception, match=r".|^$"):
        await done
    assert pair.accepted.fileno() == -1


def _drained(client: socket.socket) -> bool:
    """Whether the other end closes."""
    try:
        while client.recv(65536):
            pass
    except OSError:
        pass
    return True


def test_files_that_are_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("nothing")
    with pytest.raises(ssl.SSLError):
        server_context(tmp_path / "x", tmp_path / "x")
    with pytest.raises(OSError, match="No such file"):
        server_context(tmp_path / "y", tmp_path / "y")
