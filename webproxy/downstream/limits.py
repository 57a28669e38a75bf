"""How much a client may ask of a channel before it has proved anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webproxy.settings.model import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one client connection; sizes in bytes, times in seconds.

    :ivar head_time: from a request's first byte to the end of its head (408 after).
    :ivar keep_alive: how long a connection may rest between requests, or before its first (closed silently).
    :ivar read_ahead: how much is taken in before somebody wants it: pipelined requests, a body nobody asked for yet.
    :ivar body: largest body of a request (413 above).
    :ivar upload_rate: bytes a second that an upload must reach on the whole, after ``upload_grace`` seconds (408
        below); 0 for no such demand.
    :ivar connections: how many clients may be connected at once (503 above).
    :ivar connections_per_address: and how many from one address, IPv6 by /64 (429 above).
    :ivar linger: how much is read and thrown away after an early answer (RFC 9112 §9.6).
    :ivar linger_time: and for how long.
    """

    head_time: float = 15.0
    keep_alive: float = 75.0
    read_ahead: int = 65536
    body: float = math.inf
    upload_rate: float = 0.0
    upload_grace: float = 30.0
    connections: float = math.inf
    connections_per_address: float = math.inf
    linger: int = 1 << 20
    linger_time: float = 5.0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Give those that the operator has set."""
        return cls(
            body=settings.max_body,
            connections=settings.max_connections,
            connections_per_address=settings.max_connections_per_address,
            upload_rate=settings.min_upload_rate,
        )
