"""What is wrong with what a client sent, beyond the wording of its messages: too much, too slow, never to be a head.

Rule of this file: pure; sizes, seconds and bytes in, an error with status and sentence out. ``intake`` acts on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.errors import ClientProtocolError
from webproxy.message.parser import HEAD_LIMIT, of_large_head

if TYPE_CHECKING:
    from webproxy.downstream.limits import Limits


def of_unfinished_head(data: bytes) -> ClientProtocolError | None:
    """Tell why a head that is not complete never will be sound; ``None`` while it may be."""
    if len(data) > HEAD_LIMIT:
        return of_large_head(data)
    if data.count(b"\n") != data.count(b"\r\n"):
        return ClientProtocolError(400, "a line of the head ends without CR (RFC 9112 section 2.2)")
    return None


def of_late_head(limits: Limits) -> ClientProtocolError:
    """Tell that a head was begun and not completed in time."""
    return ClientProtocolError(
        408, f"the request's head was not complete within {limits.head_time:g} s (RFC 9110 section 15.5.9)"
    )


def of_large_body(limits: Limits) -> ClientProtocolError:
    """Tell that a body is, or says it is going to be, larger than it may."""
    return ClientProtocolError(413, f"a body of more than {limits.body:.0f} bytes (RFC 9110 section 15.5.14)")


def of_upload(received: int, lasted: float, limits: Limits) -> ClientProtocolError | None:
    """Tell why an upload may not go on; ``None``: it may.

    A byte now and then satisfies every idle limit; whoever sends so keeps us on purpose.

    :param received: bytes of the body so far.
    :param lasted: seconds for which we have been ready to take it.
    """
    if received > limits.body:
        return of_large_body(limits)
    if lasted > limits.upload_grace and received < limits.upload_rate * lasted:
        return ClientProtocolError(
            408, f"the upload is slower than {limits.upload_rate:g} bytes a second (RFC 9110 section 15.5.9)"
        )
    return None
