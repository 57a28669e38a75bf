"""A client in the hands of a test: it asks without waiting, hears the answer when it likes, and leaves when it likes.

Rule of this file: one connection, one request at a time, and whose address it is says the test.
"""

from __future__ import annotations

import socket
from http.client import HTTPConnection, HTTPResponse
from select import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 30.0
"""Seconds that an answer may take on a busy machine."""


class Client:
    """A client with a connection that stands.

    :param port: of the proxy, on 127.0.0.1.
    :param address: its own: any of 127.0.0.0/8 on Linux, so that the proxy sees several.
    """

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        self._connection = HTTPConnection("127.0.0.1", port, PATIENCE, source_address=(address, 0))
        self._connection.connect()
        self._answer: HTTPResponse | None = None

    def asks(
        self, method: str, target: str, body: bytes | None = None, fields: Mapping[str, str] | None = None
    ) -> Client:
        """Send a request, and do not wait for its answer."""
        self._connection.request(method, target, body, fields or {})
        return self

    def hears(self) -> HTTPResponse:
        """Wait for the head of the answer; its body is the test's to read."""
        self._answer = self._connection.getresponse()
        return self._answer

    def waits(self) -> bool:
        """Tell whether nothing has been answered yet."""
        return not select([self._connection.sock], [], [], 0)[0]

    def leaves(self) -> None:
        """End the connection, whatever is on its way."""
        assert self._connection.sock is not None, "it has left already"  # noqa: S101 - for tests
        self._connection.sock.shutdown(socket.SHUT_RDWR)
        self.close()

    def close(self) -> None:
        """Close what is open."""
        if self._answer is not None:
            self._answer.close()
        self._connection.close()
