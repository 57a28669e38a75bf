"""Head blocks to heads: llhttp reads them, our own checks say no (RFC 9112 §2 to §5).

Rule of this file: a parser sees exactly one head block, up to and including the empty line, and is thrown away. llhttp
refuses bare CR and LF, obs-fold, bad names, control characters; it lets through a request line with several spaces,
HTTP/0.9, fragments, odd status lines and odd transfer codings, and trailing whitespace: those are caught here.
A fresh llhttp parser costs 2.0 us for a browser's head of twelve fields, and 1.5 more until its fields are ours; plain
heads, which are most, are read by ``scan`` in 0.9, where that is compiled.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from httptools import (  # type: ignore[attr-defined,unused-ignore]
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
    HttpResponseParser,
)

from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.message.authority import authority, reduced
from webproxy.message.fields import Fields, Pair, tokens
from webproxy.message.forwarding import FROM_STRANGERS
from webproxy.message.framing import UNTIL_CLOSE, request_body, response_body
from webproxy.message.head import RequestHead, ResponseHead
from webproxy.message.hop_by_hop import ESSENTIAL, HOP_BY_HOP, nominated
from webproxy.message.persistence import persistent
from webproxy.message.scan import scanner
from webproxy.message.upgrade import asks_websocket

HEAD_LIMIT: Final = 65536
"""Most bytes of a head block."""

FIELD_LIMIT: Final = 200
"""Most fields of a head."""

TARGET_LIMIT: Final = 16384
"""Most bytes of a request target."""

_LONG_TARGET: Final = f"a target of more than {TARGET_LIMIT} bytes (RFC 9110 section 15.5.15)"
_METHOD: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VERSION: Final = re.compile(rb"HTTP/[0-9]\.[0-9]")
_VERSIONS: Final = {b"HTTP/1.1": 1, b"HTTP/1.0": 0}
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?")

# Plain heads

_TELLING: Final = frozenset((b"connection", b"content-length", b"expect", b"transfer-encoding", b"upgrade"))
_requests = scanner(FROM_STRANGERS, _TELLING)
_responses = scanner(HOP_BY_HOP)
_made: Final = tuple.__new__


class _Sink:
    """What llhttp calls: one call a field."""

    __slots__ = ("pairs",)

    def __init__(self) -> None:
        self.pairs: list[Pair] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.pairs.append((name, value))


def parse_request(block: bytes) -> RequestHead:
    """Read a request's head.

    :param block: one head block, its empty line included, nothing before or after it.
    :raises ClientProtocolError: answer its status and close: 400, 405 (CONNECT), 414, 431, 501 (unknown method or
        transfer coding), 505.
    """
    if len(block) > HEAD_LIMIT:
        raise of_large_head(block)
    found = None if _requests is None else _requests.request(block)
    if found is None:
        method, target, minor = _request_line(block)
        fields = Fields(_request_pairs(block))
    else:
        minor = 1
        method, target, combined, kept, telling = found
        fields = Fields.plain(block, combined, kept)
        if not telling and b"host" in combined:  # all that is said below: 0.9 us less
            whose = authority(combined[b"host"])
            return _made(RequestHead, (method, target, whose, 1, fields, 0, True, False, False))
    host = fields.combined.get(b"host")
    if host is not None:
        host = authority(host)  # RFC 9112 §3.2: two of them, joined by a comma, are as malformed as one with a space
    elif minor:
        raise ClientProtocolError(400, "no Host (RFC 9112 section 3.2)")
    if target[:1] != b"/":
        other, target = reduced(method, target)
        host = other or host  # §3.2.2: the target's authority replaces Host
    if method == b"CONNECT":
        raise ClientProtocolError(405, "CONNECT is for forward proxies (RFC 9110 section 9.3.6)")
    named = nominated(fields)
    if named and not named.isdisjoint(ESSENTIAL):
        raise ClientProtocolError(400, "Connection names a field that must not be removed (RFC 9110 section 7.6.1)")
    body = request_body(fields, minor)
    expect = fields.combined.get(b"expect")
    return RequestHead(
        method,
        target,
        host or b"",
        minor,
        fields,
        body,
        persistent(fields, minor),
        # RFC 9110 §10.1.1: in an HTTP/1.0 request it is ignored; without a body there is nothing to hold back.
        expect is not None and minor > 0 and body != 0 and b"100-continue" in tokens(expect),
        b"upgrade" in fields.combined and asks_websocket(method, minor, fields, body),
    )


def of_large_head(data: bytes) -> ClientProtocolError:
    """Tell what makes a head, or what there is of one, larger than it may be: its target, or all of it."""
    words = data[: data.find(b"\r\n")].split(b" ", 2)
    if len(words) > 1 and len(words[1]) > TARGET_LIMIT:  # RFC 9112 §3: such a target MUST be told from the rest
        return ClientProtocolError(414, _LONG_TARGET)
    return ClientProtocolError(431, f"a head of more than {HEAD_LIMIT} bytes (RFC 6585 section 5)")


def _request_line(block: bytes) -> tuple[bytes, bytes, int]:
    """Split the request line: exactly two single spaces (RFC 9112 §3); gives method, target, minor version."""
    try:
        method, target, version = block[: block.find(b"\r\n")].split(b" ")
    except ValueError:
        raise ClientProtocolError(400, "a malformed request line (RFC 9112 section 3)") from None
    minor = _VERSIONS.get(version)
    if minor is None:
        if _VERSION.fullmatch(version):
            raise ClientProtocolError(505, "HTTP/1.1 and HTTP/1.0 are spoken here (RFC 9110 section 15.6.6)")
        raise ClientProtocolError(400, "a malformed HTTP version (RFC 9112 section 2.3)")
    if len(target) > TARGET_LIMIT:
        raise ClientProtocolError(414, _LONG_TARGET)
    if method[:1] in (b"\r", b"\n"):  # llhttp passes over them; whoever empties lines before a head leaves none
        raise ClientProtocolError(400, "a bare CR or LF before the request line (RFC 9112 section 2.2)")
    if 0x23 in target:
        raise ClientProtocolError(400, "a fragment in the request target (RFC 9112 section 3.2)")
    return method, target, minor


def _request_pairs(block: bytes) -> list[Pair]:
    """Have llhttp read a request head that has a sound request line."""
    sink = _Sink()
    try:
        HttpRequestParser(sink).feed_data(block)
    except HttpParserUpgrade:  # it names Upgrade, or is CONNECT; its head is complete
        pass
    except HttpParserError as error:
        raise _request_refused(block, error) from None
    pairs = sink.pairs
    if len(pairs) > FIELD_LIMIT:
        raise ClientProtocolError(431, f"more than {FIELD_LIMIT} fields (RFC 6585 section 5)")
    if len(pairs) != block.count(b"\r\n") - 2 or block[-4:] != b"\r\n\r\n":
        raise ClientProtocolError(400, "something beside the head (RFC 9112 section 2.1)")
    return _stripped(block, pairs)


def _request_refused(block: bytes, error: HttpParserError) -> ClientProtocolError:
    """Translate llhttp's refusal: 501 for a method it does not know (RFC 9110 §9.1), else 400."""
    method = block[: block.find(b" ")]
    unknown = isinstance(error, HttpParserInvalidMethodError) or "Invalid method" in str(error)
    if unknown and _METHOD.fullmatch(method):
        return ClientProtocolError(501, "a method that is not known here (RFC 9110 section 9.1)")
    return ClientProtocolError(400, f"malformed: {error} (RFC 9112)")


def _stripped(block: bytes, pairs: list[Pair]) -> list[Pair]:
    """Take trailing whitespace off values (RFC 9112 §5.1): llhttp leaves it. Two searches tell, 0.2 us."""
    if b" \r\n" in block or 9 in block:
        return [(name, value.rstrip(b" \t")) for name, value in pairs]
    return pairs


def parse_response(block: bytes, method: bytes) -> ResponseHead:
    """Read a response's head.

    :param block: one head block, its empty line included, nothing before or after it.
    :param method: of the request it answers.
    :raises UpstreamProtocolError: it is not HTTP/1.x, or ambiguous; answer 502 and close that connection.
    """
    if len(block) > HEAD_LIMIT:
        raise UpstreamProtocolError(f"the answer has a head of more than {HEAD_LIMIT} bytes")
    status, reason, minor = _status_line(block[: block.find(b"\r\n")])
    scanning = None if status == 101 else _responses  # llhttp has a word on what a switch must say
    found = None if scanning is None else scanning.scan(block, block.find(b"\n") + 1)
    fields = Fields(_response_pairs(block)) if found is None else Fields.plain(block, found[0], found[1])
    body = response_body(method, status, fields, minor)
    named = nominated(fields)
    if named and not named.isdisjoint(ESSENTIAL):
        raise UpstreamProtocolError("the answer's Connection names a field that must not be removed")
    if status == 101:
        _check_switch(fields)
    keep = persistent(fields, minor) and body != UNTIL_CLOSE
    if status == 204 and keep:  # what an unsound 204 announces may follow: not a connection for anyone else
        keep = b"transfer-encoding" not in fields and fields.get(b"content-length") in {None, b"0"}
    return ResponseHead(status, reason, minor, fields, body, keep)


def _check_switch(fields: Fields) -> None:
    """Refuse a 101 that is not plainly one: it goes to the client as it is."""
    if tokens(fields.get(b"upgrade") or b"") != [b"websocket"]:  # nothing else was offered
        raise UpstreamProtocolError("the answer switches to a protocol that was not asked for (RFC 9110 section 7.8)")
    if b"content-length" in fields or b"transfer-encoding" in fields:
        raise UpstreamProtocolError("the answer switches protocols and announces a body (RFC 9110 section 8.6)")


def _read_status_line(line: bytes) -> tuple[int, bytes, int]:
    """Split the status line (RFC 9112 §4); a missing space before an empty reason is unambiguous, and usual."""
    match = _STATUS_LINE.fullmatch(line)
    if match is None:
        raise UpstreamProtocolError("the answer is not HTTP/1.1 or HTTP/1.0 (RFC 9112 section 4)")
    minor, status, reason = match.groups(b"")
    return int(status), reason, int(minor)


_remembered: Final = lru_cache(maxsize=256)(
    _read_status_line
)  # an internal service has a dozen of them: 0.1 us instead of 1.0


def _status_line(line: bytes) -> tuple[int, bytes, int]:
    return _remembered(line) if len(line) <= 64 else _read_status_line(line)


def _response_pairs(block: bytes) -> list[Pair]:
    """Have llhttp read a response head that has a sound status line."""
    sink = _Sink()
    try:
        HttpResponseParser(sink).feed_data(block)
    except HttpParserUpgrade:  # a 101; its head is complete
        pass
    except HttpParserError as error:
        raise UpstreamProtocolError(f"the answer's head is malformed: {error}") from None
    pairs = sink.pairs
    if len(pairs) > FIELD_LIMIT:
        raise UpstreamProtocolError(f"the answer has more than {FIELD_LIMIT} fields")
    if len(pairs) != block.count(b"\r\n") - 2 or block[-4:] != b"\r\n\r\n":
        raise UpstreamProtocolError("the answer has something beside its head")
    return _stripped(block, pairs)
