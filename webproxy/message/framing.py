"""How long a body is: RFC 9112 §6.3, one branch per numbered rule.

Rule of this file: framing is decided here and nowhere else, from the fields alone; what is ambiguous is refused,
never guessed and never repaired, in both directions.
"""

from __future__ import annotations

from typing import Final

from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.message.fields import Fields, tokens

CHUNKED: Final = -1
"""The body is chunked: its chunks say where it ends (RFC 9112 §7.1)."""

UNTIL_CLOSE: Final = -2
"""The body ends when the connection does (RFC 9112 §6.3, rule 8)."""

DIGITS: Final = 18  # a length below 10**18 fits every signed 64-bit integer behind us (RFC 9110 §8.6)


def request_body(fields: Fields, minor: int) -> int:
    """Decide the length of a request's body.

    :param fields: the request's fields.
    :param minor: of its HTTP/1.minor.
    :returns: bytes, or ``CHUNKED``.
    :raises ClientProtocolError: 400, or 501 for a transfer coding we do not know (RFC 9112 §6.1); then close.
    """
    coding = fields.combined.get(b"transfer-encoding")
    length = fields.combined.get(b"content-length")
    # Rules 1 and 2 speak of responses.
    if coding is not None:
        if length is not None:  # 3. both: smuggling
            raise ClientProtocolError(400, "both Transfer-Encoding and Content-Length (RFC 9112 section 6.3)")
        if not minor:  # §6.1: faulty framing, although rule 4 would read it
            raise ClientProtocolError(400, "Transfer-Encoding in an HTTP/1.0 message (RFC 9112 section 6.1)")
        if coding.lower() == b"chunked":  # 4. chunked is final
            return CHUNKED
        if _final_chunked(coding):
            raise ClientProtocolError(501, "a transfer coding other than chunked (RFC 9112 section 6.1)")
        raise ClientProtocolError(400, "chunked is not the final transfer coding (RFC 9112 section 6.3)")
    if length is not None:
        octets = content_length(length)
        if octets is None:  # 5. invalid
            raise ClientProtocolError(400, "an invalid Content-Length (RFC 9112 section 6.3)")
        return octets  # 6. valid
    return 0  # 7. neither


def response_body(method: bytes, status: int, fields: Fields, minor: int) -> int:
    """Decide the length of a response's body.

    What contradicts itself is refused even where rule 1 would make its length zero: its fields go on to the client.

    :param method: of the request it answers.
    :param status: 100 to 599.
    :param fields: the response's fields.
    :param minor: of its HTTP/1.minor.
    :returns: bytes, ``CHUNKED`` or ``UNTIL_CLOSE``.
    :raises UpstreamProtocolError: answer 502 and close the connection to the internal service.
    """
    coding = fields.combined.get(b"transfer-encoding")
    length = fields.combined.get(b"content-length")
    octets = UNTIL_CLOSE
    if coding is not None:
        if length is not None:  # 3. both: smuggling
            raise UpstreamProtocolError("the answer has both Transfer-Encoding and Content-Length")
        if not minor:  # §6.1: faulty framing
            raise UpstreamProtocolError("the answer has Transfer-Encoding, but is HTTP/1.0")
        if coding.lower() != b"chunked":  # §6.1: TE offered nothing else
            raise UpstreamProtocolError("the answer has a transfer coding other than chunked")
        octets = CHUNKED  # 4. chunked is final
    elif length is not None:
        valid = content_length(length)
        if valid is None:  # 5. invalid
            raise UpstreamProtocolError("the answer has an invalid Content-Length")
        octets = valid  # 6. valid
    if status < 200 or status in {204, 304} or method == b"HEAD":  # 1. no body, whatever the fields say
        return 0
    # Rule 2 is about CONNECT, which is never forwarded; rule 7 about requests.
    return octets  # 8. neither: until close


def content_length(value: bytes) -> int | None:
    """Read a Content-Length, in bytes; ``None`` when it is invalid (RFC 9110 §8.6, ``1*DIGIT``).

    A list of identical values is invalid too: §8.6 lets us choose, and whoever comes after us might choose otherwise.
    So is a leading zero, which some read as octal.
    """
    if value.isdigit() and len(value) <= DIGITS and (value[0] != 0x30 or value == b"0"):
        return int(value)
    return None


def _final_chunked(coding: bytes) -> bool:
    """Tell whether a list of several codings ends in its only ``chunked``: framed rightly, yet unknown to us."""
    codings = tokens(coding)
    return len(codings) > 1 and codings[-1] == b"chunked" and codings.count(b"chunked") == 1
