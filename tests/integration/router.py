"""A whole router on free loopback ports, and machines that speak its protocol over real TLS."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.threads import deferToThread

from tests.integration.edge import DOMAIN, certificate
from webproxy.net.proxy_header import SIGNATURE, read
from webproxy.router.proof import encoded, signed
from webproxy.router.registry import digest_of
from webproxy.router.rows import Token
from webproxy.router.service import RouterService
from webproxy.router.settings import RouterSettings
from webproxy.router.state import STORE
from webproxy.router.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from webproxy.net.proxy_header import ProxyHeader

TOKEN = b"wpr_token-of-anna"
CONTROL = "router.internal"


class Told(NamedTuple):
    """A reply."""

    status: int
    said: dict[str, Any]
    fields: dict[str, str]


def settings(folder: Path, **other: Any) -> RouterSettings:
    """Of a router on loopback, with a certificate of its own."""
    chain, key = certificate(folder, f"*.{DOMAIN}", CONTROL)
    said: dict[str, Any] = {
        "domain": DOMAIN,
        **({} if other.get("acme") else {"certificate": chain, "key": key}),
        "machines": ("127.0.0.0/8",),
        "state": folder / "state",
        "listen": ("127.0.0.1",),
        "port": 0,
        "http_port": 0,
        "control_port": 0,
        "drain": 0.0,
    }
    return RouterSettings(**{**said, **other})


def give_token(folder: Path, token: bytes = TOKEN, **other: Any) -> None:
    """Write a token down, as the command does."""
    folder.mkdir(exist_ok=True, mode=0o700)
    store = Store(folder / STORE)
    store.put_token(Token("anna", digest_of(token), 10000, 1, 65535, 1.0)._replace(**other))
    store.close()


class Machine:
    """A machine: its key, its port, and one connection to the router; everything blocks."""

    def __init__(self, control_port: int, trusted: Path, port: int, token: bytes = TOKEN, source: str = "") -> None:
        self.key = Ed25519PrivateKey.generate()
        self.port = port
        self.token = token
        self.nonce = ""
        self._context = ssl.create_default_context(cafile=str(trusted))
        self.connection = _ToRouter(control_port, self._context, source)

    def ask(self, does: str, body: Any = None, *, method: str = "POST", **fields: str) -> Told:
        """Send any request."""
        data = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()
        headers = {"Authorization": f"Bearer {self.token.decode()}", **fields}
        self.connection.request(method, f"/v1/{does}", data, headers)
        answer = self.connection.getresponse()
        said = json.loads(answer.read())
        self.nonce = said.get("nonce", self.nonce)
        return Told(answer.status, said, {name.lower(): value for name, value in answer.getheaders()})

    def body(self, does: str, label: str = "") -> dict[str, Any]:
        """Give a sound body, signed."""
        what = signed(does, self.nonce, self.token, self.port, label)
        said: dict[str, Any] = {
            "machine": encoded(self.key.public_key().public_bytes_raw()),
            "port": self.port,
            "nonce": self.nonce,
            "signature": encoded(self.key.sign(what)),
        }
        return {**said, "label": label} if does == "register" else said

    def does(self, does: str, label: str = "") -> Told:
        """Ask for something in the right way."""
        if not self.nonce:
            self.ask("challenge")
        return self.ask(does, self.body(does, label))

    def close(self) -> None:
        self.connection.close()


class _ToRouter(http.client.HTTPSConnection):
    """Connects to loopback, and checks the name that the certificate is for."""

    def __init__(self, port: int, context: ssl.SSLContext, source: str) -> None:
        super().__init__("127.0.0.1", port, timeout=20, context=context, source_address=(source, 0) if source else None)
        self._checked = context

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._checked.wrap_socket(self.sock, server_hostname=CONTROL)


class Running:
    """A router that runs, and those who come to it.

    :ivar trusted: what the control port's certificate is checked against.
    :ivar visited_with: what those of names are.
    """

    def __init__(self, reactor: Any, service: RouterService, trusted: Path) -> None:
        self.trusted = self.visited_with = trusted
        self.reactor = reactor
        self.service = service
        self.machines: list[Machine] = []

    def machine(self, port: int, token: bytes = TOKEN, source: str = "") -> Machine:
        one = Machine(self.service.control_port, self.trusted, port, token, source)
        self.machines.append(one)
        return one

    async def does(self, machine: Machine, does: str, label: str = "") -> Told:
        told: Told = await deferToThread(machine.does, does, label)
        return told

    def visit(self, name: str, path: str = "/") -> tuple[int, bytes]:
        """Open a name as a browser does; blocks."""
        context = ssl.create_default_context(cafile=str(self.visited_with))
        connection = _Visit(f"{name}.{DOMAIN}", self.service.port, context)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


class _Visit(http.client.HTTPSConnection):
    def __init__(self, name: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__("127.0.0.1", port, timeout=20, context=context)
        self._name, self._checked = name, context

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._checked.wrap_socket(self.sock, server_hostname=self._name)


@contextlib.asynccontextmanager
async def router(reactor: Any, folder: Path, **other: Any) -> AsyncIterator[Running]:
    """A router that runs meanwhile, with a token for :class:`Machine`."""
    said = settings(folder, **other)
    if not (said.state / STORE).exists():
        give_token(said.state)
    service = RouterService(said, reactor)
    service.startService()
    running = Running(reactor, service, said.certificate or folder / "cert.pem")
    try:
        yield running
    finally:
        for machine in running.machines:
            machine.close()
        await service.stopService()


def until(condition: Any, seconds: float = 20) -> None:
    """Wait; blocks."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Port(Protocol):
    """A machine's external port: takes a PROXY header, and answers in plain HTTP."""

    heard = b""

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if not self.heard.startswith(SIGNATURE):
            self.transport.abortConnection()  # type: ignore[union-attr]
            return
        found = read(self.heard)
        if found is not None and self.heard.endswith(b"\r\n\r\n") and len(self.heard) > found[1]:
            self.factory.headers.append(found[0])
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")  # type: ignore[union-attr]
            self.transport.loseConnection()  # type: ignore[union-attr]


@contextlib.asynccontextmanager
async def external_port(reactor: Any, interface: str = "127.0.0.1") -> AsyncIterator[tuple[int, list[ProxyHeader]]]:
    factory: Any = Factory.forProtocol(Port)
    factory.noisy = False
    factory.headers = []
    listening = reactor.listenTCP(0, factory, interface=interface)
    yield listening.getHost().port, factory.headers
    await listening.stopListening()


async def registered(at: Running, port: int, label: str = "app") -> tuple[Machine, Told]:
    machine = at.machine(port)
    told = await at.does(machine, "register", label)
    assert told.status == 200, told
    return machine, told
