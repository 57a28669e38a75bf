"""The retry rule: when a request may be sent a second time without anybody noticing.

A generation costs money and GPU time, so the default is no. RFC 9110 §9.2.2 lets a proxy repeat only what is
idempotent; RFC 9112 §9.3.1 lets it repeat what a reused connection swallowed unseen.
"""

from __future__ import annotations

from typing import Final

from webproxy.errors import UpstreamError, UpstreamGone

FRESH: Final = 1.0
"""How long a connection may have rested that is to carry what cannot be repeated, in seconds: beyond this the service
may just be closing it, and the request would be lost."""

IDEMPOTENT: Final = frozenset((b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"))
"""Methods whose repetition asks for the same effect (RFC 9110 §9.2.2)."""


def may_retry(error: UpstreamError, method: bytes, *, reused: bool, body_taken: bool, attempts: int) -> bool:
    """Whether to ask once more, on a new connection.

    :param error: how the attempt failed.
    :param method: the request's method.
    :param reused: whether the connection had served requests before, so that its end may have crossed ours.
    :param body_taken: whether a byte of the request's body was taken from the client; it is gone.
    :param attempts: how many attempts were made, this one included.
    """
    return (
        isinstance(error, UpstreamGone)
        and reused
        and attempts == 1
        and not error.head_received
        and not body_taken
        and (method in IDEMPOTENT or error.bytes_sent == 0)
    )


def repeatable(method: bytes, body: int) -> bool:
    """Tell whether a request could be asked again if its connection turns out to have ended.

    :param body: its length; a body is taken from the client once, so a second attempt would lack it.
    """
    return body == 0 and method in IDEMPOTENT
