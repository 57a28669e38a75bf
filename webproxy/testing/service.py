"""An internal service in the hands of a test: what reaches it, and when it answers, over real sockets.

Rule of this file: one thread reads, the test answers; how many requests are with the service at a time is counted the
way a service would see it, from the request's last byte to the answer's last, or to the end of the connection.
"""

from __future__ import annotations

import re
import selectors
import socket
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

PATIENCE = 30.0
"""Seconds that anything may take on a busy machine."""

_LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)


class Asked:
    """A request that has reached the service. States: open, answered, gone (the connection ended before).

    :ivar head: as received, without the empty line.
    :ivar body: its body.
    :ivar state: ``open``, ``answered`` or ``gone``.
    """

    def __init__(self, connection: _Connection, head: bytes, body: bytes) -> None:
        self._connection = connection
        self.head = head
        self.body = body
        self.state = "open"

    def __repr__(self) -> str:
        return f"<Asked {self.method} {self.target} {self.state}>"

    @property
    def method(self) -> str:
        """The method."""
        return self.head.split(b" ", 1)[0].decode("latin-1")

    @property
    def target(self) -> str:
        """The request target, as it came."""
        return self.head.split(b" ", 2)[1].decode("latin-1")

    def answer(self, body: bytes = b"", status: int = 200) -> None:
        """Answer at one go."""
        self.send(b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body), last=True)

    def begin(self) -> None:
        """Begin a stream of events."""
        self.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")

    def event(self, data: bytes) -> None:
        """Send one event of a stream."""
        event = b"data: %b\n\n" % data
        self.send(b"%x\r\n%b\r\n" % (len(event), event))

    def end(self) -> None:
        """End a stream."""
        self.send(b"0\r\n\r\n", last=True)

    def send(self, data: bytes, *, last: bool = False) -> None:
        """Send raw bytes.

        :param last: they complete the answer.
        """
        self._connection.send(self, data, last)


class Service:
    """Listens on a port of its own; ``with Service() as service``.

    :param by_itself: called with every request in the service's thread; those that it does not answer are the test's.
    :ivar address: ``127.0.0.1:port``.
    :ivar most: most requests that have been with it at a time; those are not counted that were answered by themselves.
    :ivar running: those that are with it.
    """

    def __init__(self, by_itself: Callable[[Asked], None] | None = None) -> None:
        self._by_itself = by_itself
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._selector = selectors.DefaultSelector()
        self._arrived: SimpleQueue[Asked] = SimpleQueue()
        self._stopping = False
        self._thread = Thread(target=self._run, name="service", daemon=True)
        self.lock = Lock()
        self.running: dict[Asked, _Connection] = {}
        self.most = 0

    def __repr__(self) -> str:
        return f"<Service at {self.address}, {len(self.running)} running>"

    def __enter__(self) -> Service:  # noqa: PYI034 - Python 3.10 has no Self
        """Begin to serve."""
        self._selector.register(self._listening, selectors.EVENT_READ, self._accept)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close everything."""
        self._stopping = True
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def next(self, patience: float = PATIENCE) -> Asked:
        """Wait for a request, and take it.

        :raises AssertionError: none has come.
        """
        try:
            return self._arrived.get(timeout=patience)
        except Empty:
            raise AssertionError(f"no request has reached the service within {patience:g} s") from None

    def nobody(self) -> bool:
        """Tell whether every request that has come was taken."""
        return self._arrived.empty()

    def arrived(self, asked: Asked, connection: _Connection) -> None:
        """For connections: a request is complete. Those whose connection has ended meanwhile are not counted."""
        if self._by_itself is not None:
            self._by_itself(asked)
        if asked.state != "open":
            return
        with self.lock:
            for other, its in list(self.running.items()):
                if its.ended():
                    other.state = "gone"
                    del self.running[other]
            self.running[asked] = connection
            self.most = max(self.most, len(self.running))
        self._arrived.put(asked)

    def over(self, asked: Asked, state: str) -> None:
        """For connections, with the lock: a request is answered, or will never be."""
        self.running.pop(asked, None)
        asked.state = state

    def _run(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select(0.02):
                key.data()

    def _accept(self) -> None:
        sock, _ = self._listening.accept()
        connection = _Connection(self, sock)
        self._selector.register(sock, selectors.EVENT_READ, lambda: self._read(connection))

    def _read(self, connection: _Connection) -> None:
        if not connection.read():
            self._selector.unregister(connection.sock)
            connection.sock.close()


class _Connection:
    """A connection of the proxy's."""

    def __init__(self, service: Service, sock: socket.socket) -> None:
        self._service = service
        self.sock = sock
        self._received = b""
        self._asked: Asked | None = None

    def read(self) -> bool:
        """Take what is there; whether more may come."""
        try:
            data = self.sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            with self._service.lock:
                if self._asked is not None and self._asked.state == "open":
                    self._service.over(self._asked, "gone")
            return False
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        missing = int(length[1]) if length else 0
        if end and len(body) >= missing:
            self._received = body[missing:]
            self._asked = Asked(self, head, body[:missing])
            self._service.arrived(self._asked, self)
        return True

    def ended(self) -> bool:
        """Whether the other side has closed, and nobody has read that yet."""
        try:
            return self.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def send(self, asked: Asked, data: bytes, last: bool) -> None:
        """Send a piece of an answer."""
        with self._service.lock:
            if last:  # before its last byte is out: the proxy may send the next request before we are here again
                self._service.over(asked, "answered")
        try:
            self.sock.sendall(data)
        except OSError:
            asked.state = "gone"
