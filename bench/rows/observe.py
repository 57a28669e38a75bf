"""What watching costs: the access log and the tally for each exchange, and the picture of a thousand that run.

Measured in this process and not through a proxy, as the row of policies is. The log has its real writer, whose thread
writes a file and is counted, too: CPU time of this whole process. The live page asks
for its picture once a second, so the share of a core is the picture's cost in seconds.
"""

from __future__ import annotations

import gc
import json
import time
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from twisted.internet.task import Clock

from bench.rows.policies import ASKED, FIELDS
from bench.rows.row import EVERYBODY_ELSE, Metric, Row
from bench.rows.unplugged import connected, site
from webproxy.downstream.request import Request
from webproxy.message.parser import parse_request
from webproxy.message.record import ExchangeRecord
from webproxy.observe.access_log import NoAccessLog, open_access_log
from webproxy.observe.instance import Instance
from webproxy.observe.lag import Lag
from webproxy.observe.line_writer import DELAY
from webproxy.observe.watch import Watch
from webproxy.resources.chain import StreamingResource

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.rows.row import Scene, Values

BATCH = 2000
RUNNING = 1000


def _records() -> list[ExchangeRecord]:
    """Exchanges as traffic has them."""
    records = []
    for number, (line, accept, more) in enumerate(ASKED):
        head = parse_request(line + b" HTTP/1.1\r\n" + FIELDS % accept + more + b"\r\n")
        record = ExchangeRecord(b"5f00c2ab%08x" % number, "203.0.113.7", head, 100.0)
        record.status, record.received, record.sent = 200, head.body, 1200
        record.asked, record.first_byte, record.answered, record.ended = 100.001, 100.02, 100.03, 100.031
        record.traffic_class, record.why = ("LONG", "path") if head.body else ("DEFAULT", "")
        records.append(record)
    return records


def _cost(ended: Callable[[ExchangeRecord], None], after: Callable[[], None], seconds: float) -> float:
    """CPU seconds of one exchange: the least of several batches, which nothing has disturbed.

    :param after: called after each batch.
    """
    records = _records()
    rounds = BATCH // len(records)
    best, until = float("inf"), time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.process_time()
        for _ in range(rounds):
            for record in records:
                ended(record)
        after()
        best = min(best, (time.process_time() - began) / (rounds * len(records)))
    return best


def _watched(seconds: float) -> float:
    """CPU seconds of one exchange that is counted and logged."""
    clock = Clock()
    with TemporaryDirectory() as folder:
        log = open_access_log(f"{folder}/access.log", "combined", clock)

        def handed_over() -> None:
            clock.advance(DELAY)
            time.sleep(0.02)  # the thread writes

        try:
            return _cost(Watch(log).exchange_ended, handed_over, seconds)
        finally:
            log.close()


def _picture(seconds: float) -> float:
    """CPU seconds of one picture of many exchanges that run, as JSON."""
    shared = site(StreamingResource())
    for _ in range(RUNNING // len(ASKED) + 1):
        for record in _records()[: RUNNING - len(shared.channels)]:
            assert record.head is not None
            channel = connected(shared)
            channel.request = Request(channel, record.head)
            channel.request.record = record
    parts: Any = SimpleNamespace(
        site=shared,
        pool=SimpleNamespace(address="127.0.0.1:8080", down_since=None),
        chain=None,
        watch=Watch(NoAccessLog()),
        lag=Lag(Clock()),
        registration=None,
    )
    instance = Instance(parts)
    best, until = float("inf"), time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.process_time()
        json.dumps(instance.now())
        best = min(best, time.process_time() - began)
    return best


def measure(scene: Scene) -> Values:
    gc.collect()
    gc.disable()
    try:
        alone = _cost(lambda _record: None, lambda: None, scene.seconds / 4)
        watched = _watched(scene.seconds / 2)
        picture = _picture(scene.seconds / 4)
    finally:
        gc.enable()
    return {"watch_us": (watched - alone) * 1e6, "live_percent": picture * 100}


OBSERVE = Row(
    "observe",
    "Watching, in a loop within the bench",
    (
        Metric("watch_us", "metrics and access log together, CPU µs per request", compared=False),
        Metric("live_percent", "the live page with 1,000 running exchanges, percent of a core", compared=False),
    ),
    measure,
    absent=EVERYBODY_ELSE,
)
