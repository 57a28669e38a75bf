"""Asking a service directly, as a client would: one question a connection, bounded in time and bytes.

Rule of this file: sockets and HTTP, nothing of what the answers mean.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from typing import TYPE_CHECKING, NamedTuple

from webproxy.net.destination import Unix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from webproxy.net.destination import Destination

PATIENCE = 5.0
"""Seconds for a connection and an answer's head."""
MOST = 1 << 20
"""Bytes of an answer that are read."""


class Reply(NamedTuple):
    """What came back.

    :ivar status: 0 when there was no answer in HTTP.
    :ivar fields: names in lower case; of a repeated field the last.
    :ivar body: its beginning.
    """

    status: int
    fields: Mapping[str, str]
    body: bytes


NOTHING = Reply(0, {}, b"")


def dial(place: Destination, patience: float = PATIENCE) -> socket.socket:
    """Connect.

    :raises OSError: nobody takes the connection.
    """
    if isinstance(place, Unix):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(patience)
        try:
            sock.connect(place.path)
        except OSError:
            sock.close()
            raise
        return sock
    return socket.create_connection((place.host, place.port), patience)


class _Connection(http.client.HTTPConnection):
    """A connection to any kind of place."""

    def __init__(self, place: Destination, patience: float) -> None:
        super().__init__("localhost", timeout=patience)
        self._place = place
        self._patience = patience

    def connect(self) -> None:
        """Connect."""
        self.sock = dial(self._place, self._patience)


def ask(
    place: Destination,
    path: str,
    fields: Mapping[str, str],
    *,
    method: str = "GET",
    body: bytes | None = None,
    patience: float = PATIENCE,
) -> Reply:
    """Ask, and read an answer's beginning; :data:`NOTHING` where none comes.

    :param fields: Host among them.
    """
    connection = _Connection(place, patience)
    try:
        connection.request(method, path, body, {"Connection": "close", **fields})
        answer = connection.getresponse()
        read = answer.read(MOST)
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, read)
    except (OSError, http.client.HTTPException, ValueError):
        return NOTHING
    finally:
        connection.close()


def speaks_tls(place: Destination) -> bool:
    """Tell whether a TLS handshake gets an answer in TLS, whatever the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with dial(place) as sock, context.wrap_socket(sock, server_hostname="localhost"):
            return True
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")  # it refused in TLS
    except OSError:
        return False


class Arrival(NamedTuple):
    """How an answer came.

    :ivar status: 0 when there was none.
    :ivar first: seconds until the first byte of its body.
    :ivar last: seconds until its end.
    :ivar pieces: in how many its body came.
    """

    status: int
    first: float
    last: float
    pieces: int


def listen_to(place: Destination, path: str, fields: Mapping[str, str], body: bytes, patience: float) -> Arrival:
    """Send a question whose answer may be a stream, and watch how that comes."""
    connection = _Connection(place, patience)
    began = time.monotonic()
    first, count, status = 0.0, 0, 0
    try:
        connection.request("POST", path, body, {"Connection": "close", **fields})
        answer = connection.getresponse()
        status = answer.status
        while answer.read1(65536):
            count += 1
            first = first or time.monotonic() - began
    except (OSError, http.client.HTTPException):
        return Arrival(status, first, time.monotonic() - began, count)
    finally:
        connection.close()
    return Arrival(status, first, time.monotonic() - began, count)
