"""Asking an admin endpoint, over a Unix socket and over TCP."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import maybeDeferred
from twisted.internet.threads import deferToThread

from tests.observe.watched import watched
from tests.scripted import GET
from webproxy.errors import StartError
from webproxy.net.destination import Tcp, Unix
from webproxy.net.unix_socket import UnixSocket
from webproxy.observe.admin import AdminSite
from webproxy.observe.admin_client import AdminClient

if TYPE_CHECKING:
    from pathlib import Path


@pytest_twisted.ensureDeferred
async def test_over_a_unix_socket(reactor: Any, tmp_path: Path) -> None:
    seen = watched()
    seen.client.says(GET)
    served = UnixSocket(reactor, str(tmp_path / "w.sock"), AdminSite(seen.instance, reactor=reactor))
    client = AdminClient(Unix(str(tmp_path / "w.sock")))
    now = await deferToThread(client.now)
    assert (now["port"], now["running"]) == (12345, 1)
    assert await deferToThread(client.close, now["exchanges"][0]["id"])
    seen.client.leaves()
    assert not await deferToThread(client.close, now["exchanges"][0]["id"])
    await maybeDeferred(served.stop)


@pytest_twisted.ensureDeferred
async def test_over_tcp_with_a_token(reactor: Any) -> None:
    site = AdminSite(watched().instance, b"0123456789abcdef", reactor=reactor)
    port = reactor.listenTCP(0, site, interface="127.0.0.1")
    place = Tcp("127.0.0.1", port.getHost().port)
    assert (await deferToThread(AdminClient(place, "0123456789abcdef").now))["port"] == 12345
    with pytest.raises(StartError, match="answers 401; look at --admin-token-file"):
        await deferToThread(AdminClient(place, "wrong").now)
    await port.stopListening()


def test_nobody_answers(tmp_path: Path) -> None:
    client = AdminClient(Unix(str(tmp_path / "w.sock")))
    with pytest.raises(StartError, match="does not answer: No such file or directory"):
        client.now()
    assert repr(client) == f"<AdminClient of unix:{tmp_path}/w.sock>"


def test_somebody_else_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        client = AdminClient(Tcp("127.0.0.1", other.getsockname()[1]))

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 mail\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(StartError, match="does not answer: 220 mail"):
            client.now()
        thread.join()
