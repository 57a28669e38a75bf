"""Rounds of large bodies that end in every way there is, many at once, and what is left behind."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, gatherResults

from tests.integration.large import MIB, PATIENCE, Answering, Service, large, noise
from tests.net.test_pipe_pool import descriptors

if TYPE_CHECKING:
    from tests.integration.large import Counting, Large

AT_ONCE = 8


class Capricious(Answering):
    """A service that does as the target says: ``/whole/3``, ``/leaves/3``, ``/resets/3``, ``/refuses/3`` (MiB)."""

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        how = self.heads[-1].split(b" ", 2)[1] if self.heads else b""
        if self.size > MIB and b"/refuses/" in how:
            self.says(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
            self.link.loseConnection()
        elif self.size > MIB and b"/whole/" not in how:
            self._leave(how)

    def complete(self) -> None:
        method, target, _ = self.heads[-1].split(b" ", 2)
        if method == b"PUT" or b"/whole/" in target:
            super().complete()
            return
        size = int(target.rpartition(b"/")[2])
        self.says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + noise(size - 7))
        self._leave(target)

    def _leave(self, how: bytes) -> None:
        if b"/resets/" in how:
            self.link.abortConnection()
        else:
            self.link.loseConnection()


class CapriciousService(Service):
    """Makes them."""

    build = Capricious


async def one(the: Large, dice: Random) -> None:
    """One exchange: a body down or up, which the service or the client may end."""
    how = dice.choice(["whole", "whole", "leaves", "resets", "refuses"])
    size = dice.choice([3 * MIB + 1, 4 * MIB])
    client = await the.client()
    if dice.random() < 0.5:
        client.says(b"GET /%b/%d HTTP/1.1\r\nHost: h\r\n\r\n" % (how.encode(), size))
    else:
        head = b"PUT /%b/%d HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % (how.encode(), size, size)
        client.says(head + noise(size))
    await the.proxy.passes(dice.choice([0.0, 0.001, 0.005]))
    if dice.random() < 0.3:
        client.link.abortConnection()
    elif dice.random() < 0.2:
        client.link.pauseProducing()
        await the.proxy.passes(0.005)
        client.link.abortConnection()
    await over(client)


async def over(client: Counting) -> None:
    """Wait until the answer is complete, or the connection has ended."""
    await client.until(lambda: bool(client.bodies) or client.ended is not None, PATIENCE)
    client.link.abortConnection()
    await client.gone(PATIENCE)


async def play(reactor: Any, count: int, seed: int) -> int:
    """Play so many rounds; how many relays ran. Afterwards nothing is left: descriptors, pipes, connections."""
    dice = Random(seed)
    await batches(reactor, 1, dice)  # what is opened once for all
    before = descriptors()
    joined, last = await batches(reactor, count // AT_ONCE, dice)
    await last.until(lambda: descriptors() <= before, PATIENCE)
    return joined


async def batches(reactor: Any, count: int, dice: Random) -> tuple[int, Counting]:
    """Start a proxy, let exchanges end in all ways, and stop it; how many relays ran, and the last client."""
    async with large(reactor, CapriciousService) as the:
        for _ in range(count):
            await gatherResults([Deferred.fromCoroutine(one(the, dice)) for _ in range(AT_ONCE)], consumeErrors=True)
        last = await the.client()
        last.link.abortConnection()
        await last.until(lambda: not the.proxy.service.site.channels, PATIENCE)
        assert the.lent == 0
        return len(the.joined), last
