"""Pebble, an authority for tests, as Debian has it; and a name server with the records that a test gives it."""

from __future__ import annotations

import contextlib
import json
import os
import ssl
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import fail, succeed
from twisted.names import dns, error
from twisted.names.server import DNSServerFactory

from bench.ports import free_port
from tests.integration.edge import certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EAB = {"kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"}
PATIENCE = 20.0


class Pebble:
    """One that runs.

    :ivar directory: its URL.
    :ivar ca: what its own TLS is checked against: its own certificate.
    :ivar key: of that.
    :ivar http_port: where it looks for http-01.
    """

    def __init__(
        self, folder: Path, dns_port: int, http_port: int, *, eab: bool = False, nonces: int = 15, lifetime: int = 0
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.ca, self.key = certificate(folder, "localhost")
        self.port, self.management, self.http_port = free_port(), free_port(), http_port
        said: dict[str, Any] = {
            "listenAddress": f"127.0.0.1:{self.port}",
            "managementListenAddress": f"127.0.0.1:{self.management}",
            "certificate": str(self.ca),
            "privateKey": str(self.key),
            "httpPort": http_port,
            "tlsPort": free_port(),
            "externalAccountBindingRequired": eab,
        }
        if lifetime:
            said["certificateValidityPeriod"] = lifetime
        if eab:
            said["externalAccountMACKeys"] = EAB
        config = folder / "pebble.json"
        config.write_text(json.dumps({"pebble": said}))
        environ = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": str(nonces)}
        environ["PEBBLE_AUTHZREUSE"] = "0"
        self.log = folder / "pebble.log"
        with self.log.open("ab") as out:
            words = ["pebble", "-config", str(config), "-strict", "-dnsserver", f"127.0.0.1:{dns_port}"]
            self.process = subprocess.Popen(words, env=environ, stdout=out, stderr=subprocess.STDOUT)
        self.directory = f"https://localhost:{self.port}/dir"

    def ready(self) -> None:
        """Wait until it answers; blocks."""
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            return bool(self.get(self.directory))
        return False

    def get(self, url: str) -> bytes:
        """Ask it something; blocks."""
        context = ssl.create_default_context(cafile=str(self.ca))
        with urllib.request.urlopen(url, timeout=PATIENCE, context=context) as answer:
            found: bytes = answer.read()
            return found

    def root(self) -> bytes:
        """Give what its certificates are checked against; blocks."""
        return self.get(f"https://localhost:{self.management}/roots/0")

    def close(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)


@contextlib.contextmanager
def pebble(folder: Path, dns_port: int, http_port: int = 0, **more: Any) -> Iterator[Pebble]:
    """A Pebble that runs meanwhile; blocks until it does."""
    one = Pebble(folder, dns_port, http_port or free_port(), **more)
    try:
        one.ready()
        yield one
    finally:
        one.close()


class Texts:
    """TXT records, in memory.

    :ivar texts: name -> values.
    :ivar did: what has been added and removed.
    """

    def __init__(self) -> None:
        self.texts: dict[str, set[str]] = {}
        self.did: list[tuple[str, str, str]] = []

    def add_text(self, name: str, value: str) -> None:
        self.did.append(("add", name, value))
        self.texts.setdefault(name.lower(), set()).add(value)

    def remove_text(self, name: str, value: str) -> None:
        self.did.append(("remove", name, value))
        self.texts.get(name.lower(), set()).discard(value)


class Records(Texts):
    """A name server on a free UDP port: TXT as a test says, and 127.0.0.1 for every name."""

    def __init__(self, reactor: Any) -> None:
        super().__init__()
        factory = DNSServerFactory(clients=[self])
        factory.noisy = False
        self._listening = reactor.listenUDP(0, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
        self.port: int = self._listening.getHost().port

    def query(self, query: Any, timeout: Any = None) -> Any:
        """Answer, as twisted.names wants it."""
        name = query.name.name.decode().lower()
        payloads: list[Any] = []
        if query.type == dns.TXT:
            payloads = [dns.Record_TXT(text.encode(), ttl=0) for text in sorted(self.texts.get(name, ()))]
        elif query.type == dns.A:
            payloads = [dns.Record_A("127.0.0.1", ttl=0)]
        elif query.type != dns.AAAA:
            return fail(error.DomainError())
        answers = [dns.RRHeader(name.encode(), query.type, dns.IN, 0, payload, auth=True) for payload in payloads]
        return succeed((answers, [], []))

    async def close(self) -> None:
        await self._listening.stopListening()
