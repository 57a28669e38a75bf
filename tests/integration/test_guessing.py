"""Two hundred guessers on two hundred addresses: the owner gets in, who is known does so at once, and they do not."""

from __future__ import annotations

import contextlib
import gc
import json
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import bcrypt
import pytest
import pytest_twisted
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.task import deferLater

from tests.guarded import asking, basic
from tests.integration.guessers import GUESSERS, address
from tests.integration.live import Internal, Live, Peer, live
from tests.integration.stalls import Stalls
from webproxy.access.recognised import MOST as MOST_GRANTS
from webproxy.access.throttle import DELAYS
from webproxy.launch import shorten_pauses
from webproxy.resources.verification import DELAYED, WAITING
from webproxy.settings.credentials import CredentialSources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

GUESS = Path(__file__).with_name("guessers.py")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
ANNA, BEN = basic("anna", "right"), basic("ben", "other")

STALL = 0.02 * (4.0 if "coverage" in sys.modules else 1.0)
"""Seconds for which the reactor may stand still by its own fault; each line takes longer while it is being counted."""

HELD_UP = 0.2
"""Seconds for which a thread of ours that holds Python's lock, and waits for a processor, may hold it up besides."""

BEGUN = 60.0
"""Seconds until the first strangers have failed, where little of the processors is left for the hashes."""

LOGIN = 5.0
"""Seconds that a first login may take there; alone it is 1."""


class Answers(Peer):
    """A service that answers every request."""

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        self.says(OK * data.count(b"\r\n\r\n"))


class Answering(Internal):
    """Its listening end."""

    def buildProtocol(self, addr: object) -> Peer:
        peer = Answers(self.reactor)
        self.peers.append(peer)
        return peer


@contextlib.asynccontextmanager
async def guarded(reactor: Any, tmp_path: Path, cost: int) -> AsyncIterator[Live]:
    """A proxy with two users."""
    users = [(b"anna", b"right"), (b"ben", b"other")]
    hashes = [user + b":" + bcrypt.hashpw(password, bcrypt.gensalt(cost)) for user, password in users]
    file = tmp_path / "users"
    file.write_bytes(b"\n".join(hashes) + b"\n")
    async with live(reactor, Answering(reactor), credentials=CredentialSources(htpasswd=str(file))) as proxy:
        yield proxy


@contextlib.contextmanager
def guessers(port: int, seconds: float) -> Any:
    """All of them, as a program of their own."""
    with subprocess.Popen([sys.executable, str(GUESS), str(port), str(seconds)], stdout=subprocess.PIPE) as program:
        try:
            yield program
        finally:
            program.kill()


async def status(proxy: Live, login: bytes, source: str) -> tuple[int, float]:
    """Log in from an address: what came, and after how many seconds."""
    begun = monotonic()
    endpoint = HostnameEndpoint(proxy.reactor, "127.0.0.1", proxy.port, bindAddress=(source, 0))
    peer = await connectProtocol(endpoint, Peer(proxy.reactor))
    peer.says(asking(login))
    head = await peer.hears(b"\r\n\r\n")
    peer.link.abortConnection()
    return int(head[9:12]), monotonic() - begun


@pytest.fixture
def _as_started() -> Iterator[None]:
    """Python's collector as at the start of the program: here the tests and their tools are loaded, too."""
    before = gc.get_threshold()
    shorten_pauses()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("_as_started")
@pytest_twisted.ensureDeferred
async def test_the_owner_gets_in_while_strangers_guess(reactor: Any, tmp_path: Path) -> None:
    async with guarded(reactor, tmp_path, cost=10) as proxy:
        guard = proxy.service._entrance.guard
        assert guard is not None
        assert (await status(proxy, BEN, "127.0.0.1"))[0] == 200
        with guessers(proxy.port, BEGUN + 9):
            await proxy.internal.peers[0].until(lambda: len(guard.throttle._places) > 20, BEGUN)
            await deferLater(reactor, 3, lambda: None)
            stalls = Stalls(reactor)
            stalls.start()
            first, took = await status(proxy, ANNA, "127.88.0.1")
            locked = address(7)
            for _ in range(len(DELAYS)):
                guard.throttle.failed(locked, b"x", reactor.seconds())
            known, at_once = await status(proxy, BEN, locked)
            refused, _ = await status(proxy, basic("anna", "guess"), locked)
            await deferLater(reactor, 1, lambda: None)
            stalls.stop()
        sys.stdout.write(f"first login {took:.3f} s, known {at_once:.4f} s, {stalls}\n")  # shown by pytest -s
        assert (first, known, refused) == (200, 200, 429)
        assert took < LOGIN
        assert at_once < LOGIN / 2
        assert stalls.longest.ran < STALL
        assert stalls.longest.ours < HELD_UP
        assert len(guard.verification._line) <= WAITING
        assert len(guard.verification._delayed) <= DELAYED
        assert len(guard.recognised) <= MOST_GRANTS


@pytest_twisted.ensureDeferred
async def test_once_they_are_locked_out_not_a_hash_is_spent_on_them(reactor: Any, tmp_path: Path) -> None:
    async with guarded(reactor, tmp_path, cost=4) as proxy:
        guard = proxy.service._entrance.guard
        assert guard is not None
        trials = [0]
        run = guard.verification._run

        def counted(*job: Any) -> None:
            trials[0] += 1
            run(*job)

        guard.verification._run = counted
        assert (await status(proxy, ANNA, "127.88.0.1"))[0] == 200
        with guessers(proxy.port, 14) as program:
            waits = proxy.internal.peers[0].until
            await waits(lambda: len(guard.throttle._places) == GUESSERS, BEGUN)
            places = [address(number) for number in range(GUESSERS)]
            now = reactor.seconds
            await waits(lambda: all(guard.throttle.wait(place, now()).locked for place in places), 60)
            spent = trials[0]
            assert spent == 1 + GUESSERS * len(DELAYS)
            await deferLater(reactor, 2, lambda: None)
            assert trials[0] == spent
            assert (await status(proxy, ANNA, address(0)))[0] == 200
            while program.poll() is None:
                await deferLater(reactor, 0.05, lambda: None)
            seen = json.loads(program.stdout.read())
        assert set(seen) - {"503"} == {"401", "429"}
        assert seen["401"] == GUESSERS * len(DELAYS)
        assert proxy.internal.peers[0].total < 2000
