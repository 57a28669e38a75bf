"""The door: accepts in turns, hands over, and rests for a moment when the system has nothing to accept with."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Any

from webproxy.router.door import PAUSE, SILENT, TURN, Door

if TYPE_CHECKING:
    from twisted.logger import LogEvent


class Reactor:
    """Remembers who is read, and what is due."""

    def __init__(self) -> None:
        self.readers: list[object] = []
        self.due: list[tuple[float, Any, Any]] = []
        self.cancelled = 0

    def addReader(self, one: object) -> None:
        self.readers.append(one)

    def removeReader(self, one: object) -> None:
        self.readers.remove(one)

    def callLater(self, seconds: float, call: Any, *words: Any) -> Any:
        self.due.append((seconds, call, words))
        reactor = self

        class Due:
            def active(self) -> bool:
                return True

            def cancel(self) -> None:
                reactor.cancelled += 1

        return Due()


class Listener:
    """A socket with so many waiting; then none, or an error."""

    def __init__(self, waiting: int, error: OSError) -> None:
        self.waiting = waiting
        self.error = error
        self.open = True

    def setblocking(self, blocking: bool) -> None:
        assert not blocking

    def setsockopt(self, *option: int) -> None:
        self.options = option

    def fileno(self) -> int:
        return 7 if self.open else -1

    def close(self) -> None:
        self.open = False

    def accept(self) -> tuple[str, tuple[str, int]]:
        if not self.waiting:
            raise self.error
        self.waiting -= 1
        return "socket", ("192.0.2.1", self.waiting)


class Front:
    def __init__(self) -> None:
        self.came: list[Any] = []

    def accept(self, sock: object, address: Any) -> None:
        self.came.append(address)


def door(waiting: int, error: OSError) -> tuple[Door, Any, Any, Any]:
    reactor, listener, front = Reactor(), Listener(waiting, error), Front()
    anything: Any = (reactor, listener, front)
    return Door(*anything), reactor, listener, front


def test_it_takes_some_at_a_time() -> None:
    one, reactor, listener, front = door(TURN + 3, BlockingIOError())
    assert listener.options == (socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT)
    assert (reactor.readers, one.fileno(), one.logPrefix(), repr(one)) == ([one], 7, "door", "<Door open>")
    one.doRead()
    assert (len(front.came), listener.waiting) == (TURN, 3)
    one.doRead()
    assert (len(front.came), listener.waiting) == (TURN + 3, 0)
    one.close()
    one.close()
    assert (reactor.readers, repr(one)) == ([], "<Door closed>")


def test_it_rests_while_the_system_has_no_descriptors() -> None:
    one, reactor, _, front = door(1, OSError(errno.EMFILE, "Too many open files"))
    one.doRead()
    assert (len(front.came), reactor.readers) == (1, [])
    ((seconds, call, words),) = reactor.due
    assert seconds == PAUSE
    call(*words)
    assert reactor.readers == [one]
    one.close()
    assert reactor.cancelled == 1


def test_a_mistake_of_the_front_costs_one_connection(logged: list[LogEvent]) -> None:
    class Mistaken(Front):
        def accept(self, sock: Any, address: Any) -> None:
            raise LookupError(address)

    ours, theirs = socket.socketpair()
    with theirs:
        listener: Any = Listener(0, BlockingIOError())
        front: Any = Mistaken()
        reactor = Reactor()
        one = Door(reactor, listener, front)
        one._let_in(ours, ("192.0.2.1", 1))
        assert theirs.recv(1) == b""
        assert reactor.readers == [one]
    assert [event["kind"] for event in logged] == ["front-failed"]


def test_a_real_socket_is_not_blocking() -> None:
    anything: Any = (Reactor(), socket.create_server(("127.0.0.1", 0)), Front())
    one = Door(*anything)
    one.doRead()
    assert not anything[2].came
    one.close()
