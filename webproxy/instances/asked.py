"""Asking a running instance how it is, at its admin endpoint.

Rule of this file: one question over a Unix socket; whoever does not answer in time is nobody.
"""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection, HTTPException
from typing import Any

PATIENCE = 2.0
"""Seconds for each step of the answer: it comes from this machine."""

LARGEST = 1 << 22
"""Most bytes of an answer."""


class UnixHTTPConnection(HTTPConnection):
    """HTTP over a Unix socket.

    :param path: of the socket.
    """

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)


def ask(path: str) -> dict[str, Any] | None:
    """Ask what runs.

    :param path: of the socket.
    :returns: what it says; None if nobody answers, or not us.
    """
    connection = UnixHTTPConnection(path)
    try:
        connection.request("GET", "/api/now")
        answer = connection.getresponse()
        told = json.loads(answer.read(LARGEST)) if answer.status == 200 else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return told if isinstance(told, dict) else None
