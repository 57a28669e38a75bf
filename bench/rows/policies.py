"""What policies cost a request: the built-in one alone, and five of them.

Measured in this process and not through a proxy: a difference of a microsecond between two runs of the proxy drowns in
their noise. So it is a loop over what ``Policed`` does for a request that nobody rejects: the view of its head, the
chain's two questions, and setting limit and class on a request of a connection without a socket. What policies cost is
the difference that they make to a chain with none; what that one costs, its place among the resources, is told beside
it. CPU time of this process; the heads differ as traffic does, and none is remembered: the one after it is always
another.
"""

from __future__ import annotations

import gc
import time
from itertools import cycle
from typing import TYPE_CHECKING, Any

from bench.rows.row import EVERYBODY_ELSE, Metric, Row
from bench.rows.unplugged import connected, site
from webproxy.downstream.request import Request
from webproxy.message.parser import parse_request, parse_response
from webproxy.policy import Changes, Policy, TrafficClass, Verdict
from webproxy.policy.chain import Chain
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.resources.chain import StreamingResource
from webproxy.resources.policed import Policed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.rows.row import Scene, Values
    from webproxy.message.head import RequestHead, ResponseHead

BATCH = 2000

FIELDS = b"Host: h\r\nUser-Agent: bench\r\nAccept: %b\r\nAccept-Encoding: gzip\r\n"
POSTED = b"Content-Type: application/json\r\nContent-Length: 900\r\n"
ASKED = (
    (b"GET /v1/models", b"application/json", b""),
    (b"POST /v1/chat/completions", b"text/event-stream", POSTED),
    (b"GET /", b"text/html,application/xhtml+xml,*/*;q=0.8", b""),
    (b"GET /assets/app.js?v=7", b"*/*", b""),
    (b"POST /api/chat", b"*/*", POSTED),
    (b"GET /models/llama.gguf", b"*/*", b"Range: bytes=0-\r\n"),
)
ANSWERED = (
    b"Content-Type: application/json\r\nContent-Length: 900\r\n",
    b"Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n",
    b"Content-Type: text/html; charset=utf-8\r\nContent-Length: 900\r\n",
    b"Content-Type: text/javascript\r\nContent-Length: 90000\r\n",
    b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n",
    b"Content-Type: application/octet-stream\r\nContent-Length: 9000000000\r\n",
)


class Prefix(Policy):
    """A policy of the ordinary kind: looks at the path, and now and then has something to say."""

    def __init__(self, prefix: str) -> None:
        self.name = prefix.strip("/")
        self._prefix = prefix
        self._verdict = Verdict(traffic_class=TrafficClass("OWN", 7200.0), why="path")

    def request_received(self, request: Any) -> Verdict | None:
        return self._verdict if request.path.startswith(self._prefix) else None


class Typed(Policy):
    """One that looks at answers, too."""

    name = "typed"

    def __init__(self) -> None:
        self._verdict = Verdict(client=Changes([("X-Model", "1")]))

    def response_received(self, request: Any, response: Any, current: Any) -> Verdict | None:
        kind = response.field("content-type")
        return self._verdict if kind is not None and kind.startswith("model/") else None


class Answering(StreamingResource):
    """The end of the chain: the answer's head is here at once.

    :param answers: to the requests, which come in turn and for ever.
    """

    def __init__(self, answers: Sequence[ResponseHead]) -> None:
        self._answers = cycle(answers)

    def render(self, request: Any) -> int:
        answer = next(self._answers)
        if request.judgement is not None:
            request.judgement.answered(answer)
        return 1


def heads() -> list[tuple[RequestHead, ResponseHead]]:
    """The exchanges, as parsed."""
    made = []
    for (line, accept, more), fields in zip(ASKED, ANSWERED, strict=True):
        asked = parse_request(line + b" HTTP/1.1\r\n" + FIELDS % accept + more + b"\r\n")
        made.append((asked, parse_response(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n", asked.method)))
    return made


def cost(resource: StreamingResource, asked: Sequence[RequestHead], seconds: float) -> float:
    """CPU seconds that one exchange takes: the least of several batches, which nothing has disturbed."""
    channel = connected(site(resource))
    exchanges = [Request(channel, head) for head in asked]
    each = BATCH // len(exchanges)
    best, until = float("inf"), time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.process_time()
        for _ in range(each):
            for request in exchanges:
                request.judgement = None
                resource.render(request)
        best = min(best, (time.process_time() - began) / (each * len(exchanges)))
    return best


def measure(scene: Scene) -> Values:
    others = [Prefix("/render/"), Prefix("/a/"), Prefix("/b/"), Typed()]
    asked, answers = zip(*heads(), strict=True)
    inner = Answering(answers)
    gc.collect()
    gc.disable()
    try:
        without = cost(inner, asked, scene.seconds / 4)
        none = cost(Policed(Chain([]), inner), asked, scene.seconds / 4)
        one = cost(Policed(Chain([TimeoutPolicy()]), inner), asked, scene.seconds / 4)
        five = cost(Policed(Chain([TimeoutPolicy(), *others]), inner), asked, scene.seconds / 4)
    finally:
        gc.enable()
    costs = {"one_us": one - none, "five_us": five - none, "none_us": none - without}
    return {name: seconds * 1e6 for name, seconds in costs.items()}


POLICIES = Row(
    "policies",
    "Policies, in a loop within the bench",
    (
        Metric("one_us", "`timeout` alone, CPU µs per request", compared=False),
        Metric("five_us", "five policies, CPU µs per request", compared=False),
        Metric("none_us", "the place in the chain, with no policy in it", compared=False),
    ),
    measure,
    absent=EVERYBODY_ELSE,
)
