"""Plain heads, read in one pass: most are nothing else, and these need no strict reader to be understood.

Rule of this file: it decides nothing. A block is plain when every field line is ``name: value`` and CRLF: a name of
token characters (RFC 9110 §5.6.2), one space, a value without control characters that neither begins nor ends with
whitespace (§5.5), no name twice, at most 200 lines, and then the empty line. Anything else gets ``None``, and
``parser`` has llhttp read it, which would take these lines as well; what they say is judged by the same rules.

:class:`PlainScanner` says what is meant, and is used where nothing could be compiled. ``_scan.c`` does the same: a
browser's twelve fields take it 0.8 us, llhttp with a callback a field and the checks that go with it 3.5, and the
pattern here 5; so without the compiled one ``parser`` scans nothing (:data:`COMPILED`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

try:
    from webproxy.message._scan import Scanner as _Compiled
except ImportError:  # no compiler where it was installed
    _Compiled = None  # type: ignore[assignment,misc]

COMPILED = bool(_Compiled)
"""Whether the compiled scanner is here."""

MOST = 200
"""Fields of a head that is still plain."""

_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ([!-~\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[!-~\x80-\xff])?)\r\n")

#: What clients and services say, in the spellings they use: as here, and in lower case.
NAMES = tuple(
    b"Accept Accept-Charset Accept-Encoding Accept-Language Accept-Ranges Access-Control-Allow-Credentials"
    b" Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin"
    b" Access-Control-Expose-Headers Access-Control-Max-Age Access-Control-Request-Headers"
    b" Access-Control-Request-Method Age Allow Alt-Svc Authorization Cache-Control Connection Content-Disposition"
    b" Content-Encoding Content-Language Content-Length Content-Location Content-Range Content-Security-Policy"
    b" Content-Type Cookie DNT Date ETag Expect Expires Forwarded Host If-Match If-Modified-Since If-None-Match"
    b" If-Range If-Unmodified-Since Keep-Alive Last-Modified Link Location Max-Forwards OpenAI-Organization Origin"
    b" Pragma Priority Proxy-Connection Range Referer Referrer-Policy Retry-After Save-Data Sec-CH-UA"
    b" Sec-CH-UA-Mobile Sec-CH-UA-Platform Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-GPC"
    b" Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version Server Set-Cookie"
    b" Strict-Transport-Security TE Trailer Transfer-Encoding Upgrade Upgrade-Insecure-Requests User-Agent Vary Via"
    b" WWW-Authenticate X-API-Key X-Accel-Buffering X-Content-Type-Options X-Forwarded-For X-Forwarded-Host"
    b" X-Forwarded-Port X-Forwarded-Proto X-Frame-Options X-Process-Time X-Powered-By X-Real-IP X-Request-Id"
    b" X-Requested-With X-Stainless-Arch X-Stainless-Async X-Stainless-Lang X-Stainless-OS"
    b" X-Stainless-Package-Version X-Stainless-Retry-Count X-Stainless-Runtime X-Stainless-Runtime-Version"
    b" x-ratelimit-limit-requests x-ratelimit-remaining-requests".split()
)

_REQUEST_LINE = re.compile(rb"(GET|POST|HEAD|PUT|PATCH|DELETE|OPTIONS) (/[!\"$-~]{0,16383}) HTTP/1\.1\r\n")

Scanned = tuple[dict[bytes, bytes], bytes, int]
"""Lower-case name -> value, in order; the lines that are not dropped, as they came; 1 if a name is marked, else 0."""

ScannedRequest = tuple[bytes, bytes, dict[bytes, bytes], bytes, int]
"""Method, target, and what was scanned of the fields."""


class Scanner(Protocol):
    """Reads heads."""

    def request(self, block: bytes, /) -> ScannedRequest | None:
        """Read a request's head.

        :param block: the whole of it.
        :returns: ``None`` for one that is not plain: one of the usual methods, a target in origin-form of visible
            characters that has no fragment, HTTP/1.1, and plain fields.
        """

    def scan(self, block: bytes, at: int, /) -> Scanned | None:
        """Read a head's fields.

        :param block: a whole head.
        :param at: where its first field begins.
        :returns: ``None`` for one that is not plain.
        """


class PlainScanner:
    """As the compiled one does it.

    :param names: those that are known beforehand; here they are no cheaper than others.
    :param dropped: lower-case names whose lines are not kept.
    :param marked: lower-case names that are worth a mention.
    """

    def __init__(self, names: object, dropped: AbstractSet[bytes], marked: AbstractSet[bytes]) -> None:
        self._dropped = dropped
        self._marked = marked

    def request(self, block: bytes, /) -> ScannedRequest | None:
        """Read a request's head."""
        line = _REQUEST_LINE.match(block)
        found = None if line is None else self.scan(block, line.end())
        return None if line is None or found is None else (line[1], line[2], *found)

    def scan(self, block: bytes, at: int, /) -> Scanned | None:
        """Read a head's fields: the longest run of plain lines must be all there is."""
        combined: dict[bytes, bytes] = {}
        kept = []
        count = 0
        for line in _LINE.finditer(block, at):
            if line.start() != at:
                return None
            at = line.end()
            count += 1
            name = line[1].lower()
            combined[name] = line[2]
            if name not in self._dropped:
                kept.append(line[0])
        if block[at:] != b"\r\n" or len(combined) != count or count > MOST:
            return None
        return combined, b"".join(kept), int(not self._marked.isdisjoint(combined))


def scanner(dropped: AbstractSet[bytes], marked: AbstractSet[bytes] = frozenset()) -> Scanner | None:
    """Make a scanner, if there is a compiled one.

    :param dropped: lower-case names whose lines are not kept.
    :param marked: lower-case names that are worth a mention.
    """
    return _Compiled((*NAMES, *map(bytes.lower, NAMES)), dropped, marked) if COMPILED else None
