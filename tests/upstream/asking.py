"""Somebody who asks a connection, for tests of one without the rest of the proxy."""

from __future__ import annotations

from typing import Any

from tests.wire import Side, Transport, Wire
from webproxy.errors import UpstreamError
from webproxy.upstream.connection import Connection


class Asker:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def interim(self, head: Any, block: bytes) -> None:
        self.heard.append((head.status, block))

    def upgraded(self, head: Any, block: bytes, early: bytes) -> None:
        self.heard.append(("upgraded", block, early))

    def answered(self, head: Any, data: bytes, complete: bool) -> None:
        self.heard.append((head.status, data, complete))

    def data_received(self, data: bytes, complete: bool) -> None:
        self.heard.append((data, complete))

    def upstream_stalled(self) -> None:
        self.heard.append("stalled")

    def upstream_ready(self) -> None:
        self.heard.append("ready")

    def failed(self, error: UpstreamError) -> None:
        self.heard.append(error)


def asked(method: bytes = b"GET") -> tuple[Connection, Side, Asker]:
    connection = Connection(Wire().pool)
    side = Side(connection, Transport())
    asker = Asker()
    connection.ask(asker, method, b"head")
    assert side.sees() == b"head"
    return connection, side, asker


def failure(asker: Asker) -> UpstreamError:
    error = asker.heard[-1]
    assert isinstance(error, UpstreamError)
    return error
