"""How much a client may ask of a channel before it has proved anything."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one client connection; sizes in bytes, times in seconds.

    :ivar head_time: from a request's first byte to the end of its head (408 after).
    :ivar keep_alive: how long a connection may rest between requests, or before its first (closed silently).
    :ivar read_ahead: how much is taken in before somebody wants it: pipelined requests, a body nobody asked for yet.
    :ivar linger: how much is read and thrown away after an early answer (RFC 9112 §9.6).
    :ivar linger_time: and for how long.
    """

    head_time: float = 15.0
    keep_alive: float = 75.0
    read_ahead: int = 65536
    linger: int = 1 << 20
    linger_time: float = 5.0
