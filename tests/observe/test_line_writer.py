"""The line writer: the reactor never waits, nothing is lost in silence, and at rest nothing wakes up."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from webproxy.errors import StartError
from webproxy.observe.line_writer import DELAY, LineWriter
from webproxy.observe.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 5.0
"""Seconds until a test gives up waiting for the thread."""


class Reactor(Clock):
    """A clock that stands, and a queue of what other threads want done."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Callable[[], None]] = []
        self.ended = False

    def callFromThread(self, call: Any, *args: Any, **named: Any) -> None:
        if self.ended:
            raise RuntimeError("Event loop is closed")
        self.asked.append(lambda: call(*args, **named))

    def heard(self) -> list[str]:
        """Do what other threads wanted; give what was logged."""
        with capturedLogs() as events:
            while self.asked:
                self.asked.pop(0)()
        return [formatEvent(event) for event in events]


class Gate(Sink):
    """A sink that holds up whoever writes until it is opened, like a disk that hangs."""

    def __init__(self, destination: Path) -> None:
        super().__init__(str(destination))
        self.passage = threading.Event()
        self.waits = threading.Event()

    def write(self, data: bytes) -> None:
        self.waits.set()
        assert self.passage.wait(PATIENCE)
        super().write(data)


class Bench:
    """A writer at work, and what surrounds it."""

    def __init__(self, sink: Sink, backlog: int) -> None:
        self.sink = sink
        self.reactor = Reactor()
        self.writer = LineWriter(sink, self.reactor, lambda lines: f"lost {lines}", backlog=backlog)

    def settled(self) -> None:
        """Let the reactor hand over, and wait until the thread has nothing left to do."""
        self.reactor.advance(DELAY)
        until(lambda: self.writer.waiting == 0 and not self.writer._wake.is_set())

    @property
    def written(self) -> list[str]:
        with open(self.sink.destination) as lines:  # noqa: PTH123 - a path or a descriptor's name
            return lines.read().splitlines()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the thread did not do it"
        time.sleep(0.001)


def assert_ended(writer: LineWriter) -> None:
    """The thread of a writer that was closed comes to its end, if there ever was one."""
    if writer._worker is not None:
        writer._worker.join(PATIENCE)
        assert not writer._worker.is_alive()


@contextmanager
def writing(sink: Sink, backlog: int = 1 << 20) -> Iterator[Bench]:
    bench = Bench(sink, backlog)
    bench.writer.start()
    try:
        yield bench
    finally:
        if isinstance(sink, Gate):
            sink.passage.set()
        bench.writer.close()
        assert_ended(bench.writer)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


def test_lines_are_handed_over_together_after_a_delay(path: Path) -> None:
    with writing(Sink(str(path))) as bench:
        bench.writer.append("one")
        bench.reactor.advance(DELAY / 2)
        bench.writer.append("two")
        assert len(bench.reactor.getDelayedCalls()) == 1
        assert bench.written == []
        bench.reactor.advance(DELAY / 2)
        until(lambda: bench.written == ["one", "two"])


def test_at_rest_nobody_wakes_up(path: Path) -> None:
    with writing(Sink(str(path))) as bench:
        assert bench.reactor.getDelayedCalls() == []
        bench.writer.append("one")
        bench.settled()
        assert bench.reactor.getDelayedCalls() == []
        # no timeout: the thread sleeps until somebody wakes it
        assert not bench.writer._wake.is_set()


def test_order_is_kept_over_many_batches(path: Path) -> None:
    lines = [f"line {number}" for number in range(5000)]
    with writing(Sink(str(path))) as bench:
        for number, line in enumerate(lines):
            bench.writer.append(line)
            if number % 7 == 0:
                bench.reactor.advance(DELAY)
    assert bench.written == lines


def test_closing_writes_what_waits_and_takes_no_more(path: Path) -> None:
    bench = Bench(Sink(str(path)), 1 << 20)
    bench.writer.start()
    bench.writer.append("one")
    bench.writer.close()
    bench.writer.append("two")
    bench.writer.close()
    assert bench.written == ["one"]
    assert bench.writer.lost == 1
    assert bench.reactor.getDelayedCalls() == []


def test_closing_one_that_never_began(path: Path) -> None:
    bench = Bench(Sink(str(path)), 1 << 20)
    bench.writer.append("one")
    bench.writer.close()
    assert bench.reactor.getDelayedCalls() == []
    assert not path.exists()


def test_a_sink_that_cannot_be_opened_starts_no_thread(tmp_path: Path) -> None:
    bench = Bench(Sink(str(tmp_path)), 1 << 20)
    with pytest.raises(StartError):
        bench.writer.start()
    assert bench.writer._worker is None


def test_a_hanging_disk_costs_lines_neither_time_nor_memory(path: Path) -> None:
    sink = Gate(path)
    with writing(sink, backlog=20_000) as bench:
        bench.writer.append("first")
        bench.reactor.advance(DELAY)
        assert sink.waits.wait(PATIENCE)
        for _ in range(1000):
            bench.writer.append("x" * 100)
            bench.reactor.advance(DELAY / 10)
        assert bench.writer.waiting <= 20_000
        assert 870 < bench.writer.lost < 900
        assert "writing waiting=" in repr(bench.writer)
        sink.passage.set()
        bench.settled()
        until(lambda: bench.written[-1] == f"lost {bench.writer.lost}")
        # there is room again
        bench.writer.append("last")
        bench.settled()
    lost = bench.writer.lost
    kept = 1000 - lost
    assert bench.written == ["first", *["x" * 100] * kept, f"lost {lost}", "last"]


def test_what_does_not_fit_at_all_is_told_soon(path: Path) -> None:
    with writing(Sink(str(path)), backlog=100) as bench:
        bench.writer.append("x" * 100)
        bench.settled()
        until(lambda: bench.written == ["lost 1"])


def test_losses_are_told_once(path: Path) -> None:
    with writing(Sink(str(path)), backlog=100) as bench:
        bench.writer.append("x" * 100)
        bench.writer.append("x" * 100)
        bench.settled()
        until(lambda: bench.written == ["lost 2"])
        bench.writer.append("one")
        bench.settled()
        bench.writer.append("x" * 100)
    assert bench.written == ["lost 2", "one", "lost 1"]


def test_a_full_disk_is_complained_of_once_and_its_losses_are_told_when_it_has_room(tmp_path: Path, path: Path) -> None:
    path.symlink_to("/dev/full")
    with writing(Sink(str(path))) as bench:
        for line in ("one", "two"):
            bench.writer.append(line)
            bench.settled()
        until(lambda: bench.writer.lost == 2)
        assert bench.reactor.heard() == [f"Access log {path}: lines are lost (No space left on device)"]
        path.unlink()
        bench.writer.reopen()
        bench.writer.append("three")
        bench.settled()
        until(lambda: bench.written == ["three", "lost 2"])
        assert bench.reactor.heard() == [f"Access log {path}: lines are written again"]
    assert bench.written == ["three", "lost 2"]


def test_a_loss_that_the_end_prevents_from_telling_breaks_nothing() -> None:
    with writing(Sink("/dev/full")) as bench:
        bench.writer.append("one")
        bench.reactor.ended = True
    assert bench.writer.lost == 1


def test_rotation(path: Path, tmp_path: Path) -> None:
    with writing(Sink(str(path))) as bench:
        bench.writer.append("before")
        bench.settled()
        until(lambda: bench.written == ["before"])
        path.rename(tmp_path / "access.log.1")
        bench.writer.reopen()
        until(path.exists)
        bench.writer.append("after")
    assert bench.written == ["after"]
    assert (tmp_path / "access.log.1").read_text() == "before\n"


def test_a_rotation_that_fails_is_complained_of_and_lines_go_on(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    with writing(Sink(str(folder / "access.log"))) as bench:
        folder.rename(tmp_path / "moved")
        bench.writer.reopen()
        until(lambda: bench.reactor.asked)
        (complaint,) = bench.reactor.heard()
        assert complaint.endswith("cannot be opened anew, goes on in the old file (No such file or directory)")
        bench.writer.append("one")
    assert (tmp_path / "moved" / "access.log").read_text() == "one\n"


def test_closing_does_not_wait_for_a_hanging_disk(path: Path) -> None:
    sink = Gate(path)
    bench = Bench(sink, 1 << 20)
    bench.writer.start()
    bench.writer.append("one")
    began = time.monotonic()
    with capturedLogs() as events:
        bench.writer.close(within=0.05)
    assert time.monotonic() - began < 1
    assert [formatEvent(event) for event in events] == [f"Access log {path}: not all was written within 0.05 s"]
    sink.passage.set()
    assert_ended(bench.writer)
    assert bench.written == ["one"]
