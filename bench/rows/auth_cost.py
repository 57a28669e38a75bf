"""What a login costs a request on a connection that stays: heads that repeat, and heads that never do.

Measured in this process, like the policies and for their reason: a channel is fed whole requests, an inner resource
answers each at once, and what guards it is there or is not. Least of several batches; the open one and the guarded one
take turns.
"""

from __future__ import annotations

import gc
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from bench import login
from bench.rows.row import EVERYBODY_ELSE, Metric, Row
from bench.rows.unplugged import connected, site
from webproxy.policy.chain import Chain
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.resources.chain import StreamingResource
from webproxy.resources.guard import Guard, Sides
from webproxy.resources.http_auth import HTTPAuth
from webproxy.resources.policed import Policed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.rows.row import Scene, Values

BATCH = 1000
BLOCK = b"GET /assets/%b.js HTTP/1.1\r\nHost: gpu.example:12345\r\n%b%b\r\n\r\n"
LOGIN = login.FIELD + b"\r\n"
FIELDS = (
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Safari/537.36\r\n"
    b"Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: de,en;q=0.8\r\nConnection: keep-alive\r\n"
    b"Referer: http://gpu.example:12345/\r\nSec-Fetch-Dest: script\r\nSec-Fetch-Mode: no-cors\r\n"
    b"Sec-Fetch-Site: same-origin"
)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Answering(StreamingResource):
    """The end of the chain: the answer is here at once."""

    def render(self, request: Any) -> int:
        request.begin(200, ANSWER)
        request.finish()
        return 1


class Ledger:
    """One user, in memory."""

    users = {login.USER: b"$2b$10$"}  # noqa: RUF012 - nobody changes it
    session_secret = b"s" * 32

    def key(self, _digest: bytes, _now: float | None = None) -> None:
        """There are no keys."""

    def binding_of(self, subject: Any) -> bytes | None:
        return self.users.get(subject.name)

    def when_changed(self, _listener: object) -> None:
        """Nothing does."""


def channel(*, guarded: bool) -> Any:
    """A connection of a proxy that stands alone."""
    inner: StreamingResource = Policed(Chain([TimeoutPolicy()]), Answering())
    shared = site(inner)
    if guarded:
        clock: Any = SimpleNamespace(seconds=time.monotonic)
        guard = Guard(Ledger(), Sides(12345), clock, lambda *_: None)
        guard.remember(guard.digest(login.FIELD.partition(b": ")[2]), login.USER)
        shared.root = HTTPAuth(guard, inner)
        shared.guarded = True
    return connected(shared)


def batch(connection: Any, blocks: Sequence[bytes]) -> float:
    """CPU seconds of each of these requests."""
    feed: Callable[[bytes], None] = connection.dataReceived
    began = time.process_time()
    for block in blocks:
        feed(block)
    return (time.process_time() - began) / len(blocks)


def added(blocks: Sequence[Sequence[bytes]], seconds: float) -> float:
    """What the guard adds, in CPU seconds.

    :param blocks: requests without a login, and with one.
    """
    connections = [channel(guarded=False), channel(guarded=True)]
    best, until = [float("inf")] * 2, time.monotonic() + seconds
    while time.monotonic() < until:
        for at, connection in enumerate(connections):
            best[at] = min(best[at], batch(connection, blocks[at]))
    return best[1] - best[0]


def measure(scene: Scene) -> Values:
    names = [f"{'app' * (number % 7)}-{number}".encode() for number in range(BATCH)]
    plain = [BLOCK % (name, b"", FIELDS) for name in names]
    authorized = [BLOCK % (name, LOGIN, FIELDS) for name in names]
    gc.collect()
    gc.disable()
    try:
        same = added((plain[:1] * BATCH, authorized[:1] * BATCH), scene.seconds / 2)
        varied = added((plain, authorized), scene.seconds / 2)
    finally:
        gc.enable()
    return {"same_us": same * 1e6, "varied_us": varied * 1e6}


AUTH_COST = Row(
    "auth_cost",
    "A login that is known, in a loop within the bench",
    (
        Metric("same_us", "heads that repeat, CPU µs per request more than open", compared=False),
        Metric("varied_us", "heads that never repeat, CPU µs per request more than open", compared=False),
    ),
    measure,
    absent=EVERYBODY_ELSE,
)
