"""Asking a port: plain HTTP, TLS, or nothing; over real sockets in tests/integration/test_registration.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.protocol import Factory, Protocol

from webproxy.net.destination import Tcp
from webproxy.net.proxy_header import read
from webproxy.router import asking
from webproxy.router.asking import LOCAL, NoPlainHttp, ask, client_hello
from webproxy.router.client_hello import read as read_hello

if TYPE_CHECKING:
    from collections.abc import Callable


class Answering(Protocol):
    """Answers what came first."""

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self.answer = answer

    def dataReceived(self, data: bytes) -> None:
        said = self.answer(data)
        if said is None:
            self.transport.loseConnection()  # type: ignore[union-attr]
        else:
            self.transport.write(said)  # type: ignore[union-attr]


async def asked(reactor: Any, answer: Callable[[bytes], bytes | None]) -> None:
    factory = Factory()
    factory.noisy = False
    factory.buildProtocol = lambda _: Answering(answer)  # type: ignore[assignment,method-assign]
    listening = reactor.listenTCP(0, factory, interface="127.0.0.1")
    try:
        await ask(reactor, Tcp("127.0.0.1", listening.getHost().port))
    finally:
        await listening.stopListening()


def test_what_is_said() -> None:
    header = read(LOCAL)
    assert header is not None
    assert (header[0].source, header[1]) == (None, 16)
    assert read_hello(client_hello()) is not None


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 400 Bad Request\r\n\r\n"])
@pytest_twisted.ensureDeferred
async def test_any_status_will_do(reactor: Any, answer: bytes) -> None:
    await asked(reactor, lambda _: answer)


@pytest_twisted.ensureDeferred
async def test_a_plain_port_may_answer_tls_with_an_alert(reactor: Any) -> None:
    """As webproxy's own does, so that a browser says what is wrong."""
    await asked(reactor, lambda data: b"\x15\x03\x03\0\2\2\x28" if data[:1] == b"\x16" else b"HTTP/1.1 200 OK\r\n\r\n")


@pytest_twisted.ensureDeferred
async def test_who_knows_no_proxy_header_may_close(reactor: Any) -> None:
    await asked(reactor, lambda data: b"HTTP/1.1 501 No\r\n\r\n" if data[:1] == b"O" else None)


@pytest.mark.parametrize(
    ("to_http", "to_tls", "tls"),
    [
        (b"\x15\x03\x01\0\2\2\x28", b"\x15\x03\x01\0\2\2\x28", True),
        (None, b"\x16\x03\x03\0\x7a\2\0\0", True),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16\x03\x03\0\x7a\2\0\0", True),
        (None, None, False),
        (b"SSH-2.0-", b"SSH-2.0-", False),
        (b"HTTP", b"HTTP", False),
    ],
    ids=["alert", "hello", "complains in HTTP", "closes", "other", "stalls"],
)
@pytest_twisted.ensureDeferred
async def test_what_will_not(
    reactor: Any, to_http: bytes | None, to_tls: bytes | None, tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.5)
    with pytest.raises(NoPlainHttp) as caught:
        await asked(reactor, lambda data: to_tls if data[:1] == b"\x16" else to_http)
    assert (caught.value.status, caught.value.tls) == (422, tls)
