"""What is wrong with what the internal service sent, or did not send.

Rule of this file: pure; bytes in, an error with its sentence out. ``connection`` acts on it.
"""

from __future__ import annotations

from webproxy.errors import UpstreamGone, UpstreamProtocolError, UpstreamSpeaksTls
from webproxy.message.parser import HEAD_LIMIT
from webproxy.upstream.tls import is_record


def of_unfinished_head(data: bytes) -> UpstreamProtocolError | None:
    """Tell why an answer's head that is not complete never will be sound; ``None`` while it may be."""
    if len(data) > HEAD_LIMIT:
        return UpstreamProtocolError(f"the answer's head is larger than {HEAD_LIMIT} bytes")
    if is_record(data):
        return UpstreamSpeaksTls()
    if not (data.startswith(b"HTTP/") or b"HTTP/".startswith(data)):
        return UpstreamProtocolError("what the internal service speaks is not HTTP/1")
    if data.count(b"\n") != data.count(b"\r\n"):
        return UpstreamProtocolError("a line of the answer's head ends without CR (RFC 9112 §2.2)")
    return None


def of_early_end(sent: int, *, begun: bool) -> UpstreamGone:
    """Tell that the service closed before its answer was complete.

    :param sent: bytes of the request that were written to it.
    :param begun: whether a byte of the answer had come.
    """
    when = "in the middle of its answer" if begun else "without an answer"
    detail = f"the internal service closed the connection {when}"
    return UpstreamGone(detail, bytes_sent=sent, head_received=begun)
