"""A router, a machine registered with it, and the demo service, all on loopback; and visitors who come by the name."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from bench.ports import free_port
from tests.integration.edge import DOMAIN, certificate, until
from tests.integration.router import TOKEN, give_token, settings
from webproxy.net.destination import Tcp
from webproxy.router.service import RouterService
from webproxy.service import make_service
from webproxy.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from webproxy.service import ProxyService


class Visit(http.client.HTTPSConnection):
    """A visitor's connection: to the router on loopback, for a name, over verified TLS; blocks."""

    def __init__(self, name: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(name, port, timeout=20, context=context)
        self._checked = context

    def connect(self) -> None:
        sock = socket.create_connection(("127.0.0.1", self.port), 20)
        self.sock = self._checked.wrap_socket(sock, server_hostname=self.host)


class Behind:
    """A scene. The router may be stopped and started, and so may the machine; each keeps its folder.

    :ivar port: the machine's external port.
    """

    def __init__(self, reactor: Any, folder: Path, internal: int, **given: Any) -> None:
        self.reactor = reactor
        self.port, self.public, self.control = free_port(), free_port(), free_port()
        (folder / "control").mkdir()
        chain, key = certificate(folder / "control", "localhost")
        give_token(folder / "state")
        self._router = settings(
            folder, port=self.public, control_port=self.control, control_certificate=chain, control_key=key
        )
        (folder / "token").write_bytes(TOKEN)
        self._machine = Settings(
            internal=(Tcp("127.0.0.1", internal),),
            port=self.port,
            access_log="none",
            drain=0.2,
            router=f"https://localhost:{self.control}",
            router_token_file=str(folder / "token"),
            router_ca=str(chain),
            label="myapp",
            **given,
        )
        self.context = ssl.create_default_context(cafile=str(self._router.certificate))
        self.router: RouterService | None = None
        self.machine: ProxyService | None = None

    def router_starts(self) -> None:
        self.router = RouterService(self._router, self.reactor)
        self.router.startService()

    async def router_stops(self) -> None:
        router, self.router = self.router, None
        if router is not None:
            await router.stopService()
            if self.machine is not None:
                await self.registration._control.close()  # as when the process ends

    async def machine_starts(self) -> str:
        """Start, and wait for the lease; gives the name."""
        self.machine = make_service(self._machine, self.reactor)
        self.machine.startService()
        registration = self.registration
        await until(self.reactor, lambda: registration.state == "held")
        return str(registration.lease.name)

    async def machine_stops(self) -> None:
        machine, self.machine = self.machine, None
        if machine is not None:
            stopped = machine.stopService()
            assert isinstance(stopped, Deferred)
            await stopped

    @property
    def registration(self) -> Any:
        assert self.machine is not None
        return self.machine.registration

    def visit(self, name: str) -> Visit:
        return Visit(f"{name}.{DOMAIN}", self.public, self.context)

    async def get(self, name: str, path: str = "/", **fields: str) -> tuple[int, dict[str, str], bytes]:
        """Open a path of a name as a browser does: status, fields, body."""

        def ask() -> tuple[int, dict[str, str], bytes]:
            with contextlib.closing(self.visit(name)) as visit:
                return asked(visit, path, **fields)

        return await deferToThread(ask)

    async def direct(self, address: str, source: str, *, says: bytes = b"", path: str = "/") -> tuple[int, bytes]:
        """Come to the machine's port past the router; ``says`` goes first."""

        def ask() -> tuple[int, bytes]:
            connection = http.client.HTTPConnection(address, self.port, timeout=20, source_address=(source, 0))
            with contextlib.closing(connection):
                connection.connect()
                connection.sock.sendall(says)
                status, _, body = asked(connection, path)
                return status, body

        return await deferToThread(ask)


def asked(connection: http.client.HTTPConnection, path: str, **fields: str) -> tuple[int, dict[str, str], bytes]:
    """Ask on a connection; blocks."""
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in fields.items()})
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@contextlib.asynccontextmanager
async def behind(
    reactor: Any, folder: Path, internal: int, monkeypatch: pytest.MonkeyPatch, **given: Any
) -> AsyncIterator[Behind]:
    """A scene with its router running."""
    monkeypatch.setenv("STATE_DIRECTORY", str(folder / "machine"))
    scene = Behind(reactor, folder, internal, **given)
    scene.router_starts()
    try:
        yield scene
    finally:
        await scene.machine_stops()
        await scene.router_stops()
        await deferLater(reactor, 0.01, lambda: None)
