"""A file of any size that nobody has stored: ``/download?size=16777216``, resumable, and its digest.

Every byte follows from its place, so a part can be made without the rest: 64 KiB blocks of the same noise, each
opened by its number. A resumed download that is put together wrongly has another digest.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

from twisted.internet.threads import deferToThreadPool
from twisted.web.server import NOT_DONE_YET

from webproxy.demo.answer import Leaf, Range, answer_json, finish_not_modified, query_number
from webproxy.demo.flow import Flow, Last
from webproxy.demo.ranges import Conditions, Part, choose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.python.failure import Failure
    from twisted.web.server import Request

    from webproxy.demo.site import IDemoReactor
    from webproxy.demo.tally import Tallies

BLOCK = 65536
NUMBER = 8
"""Bytes of a block that hold its number."""
DEFAULT_SIZE = 16 * 1024 * 1024
SIZES = Range(0, 2**40)
DIGEST_SIZES = Range(0, 2**32)
RATES = Range(1, 2**40)
"""Bytes a second."""
STEP = 0.02
"""Seconds between two pieces of a download at a fixed rate."""


@functools.cache
def _noise() -> bytes:
    """What fills a block after its number."""
    return hashlib.shake_128(b"webproxy demo").digest(BLOCK - NUMBER)


def content(first: int, length: int, step: int = BLOCK) -> Iterator[bytes]:
    """The bytes from ``first`` on, in pieces of at most ``step`` that do not cross a block's end."""
    end = first + length
    while first < end:
        number, offset = divmod(first, BLOCK)
        block = number.to_bytes(NUMBER, "big") + _noise()
        for at in range(offset, min(BLOCK, offset + end - first), step):
            piece = block[at : min(at + step, offset + end - first)]
            yield Last(piece) if number * BLOCK + at + len(piece) == end else piece
        first = (number + 1) * BLOCK


@functools.lru_cache(maxsize=64)
def digest(size: int) -> str:
    """SHA-256 of the file of this size; takes about a second per GiB, so call it in a thread."""
    sha256 = hashlib.sha256()
    for piece in content(0, size):
        sha256.update(piece)
    return sha256.hexdigest()


def entity_tag(size: int) -> bytes:
    """The file's entity tag: it changes only when this module does."""
    return b'"demo-1-%d"' % size


class Download(Leaf):
    """``GET /download``, query ``size`` (bytes) and ``rate`` (bytes a second; without it as fast as it goes)."""

    isLeaf = False

    def __init__(self, reactor: IDemoReactor, tallies: Tallies) -> None:
        super().__init__()
        self._reactor = reactor
        self._tallies = tallies
        self.putChild(b"sha256", Digest(reactor))

    def render_GET(self, request: Request) -> bytes | int:
        """All of it, or the part that the client asks for."""
        size = int(query_number(request, "size", DEFAULT_SIZE, SIZES))
        rate = query_number(request, "rate", 0, Range(0, RATES.most))
        part = choose(size, entity_tag(size), _conditions(request))
        _set_fields(request, size, part)
        if part.status == 304:
            return finish_not_modified(request, size)
        if not part.length or request.method == b"HEAD":
            return b""
        step = max(1, min(BLOCK, int(rate * STEP))) if rate else BLOCK
        pieces = content(part.first, part.length, step)
        Flow(self._reactor, request, pieces, step / rate if rate else 0, self._tallies.downloads).start()
        return NOT_DONE_YET

    render_HEAD = render_GET


class Digest(Leaf):
    """``GET /download/sha256``: the digest of the file of the query's ``size``."""

    def __init__(self, reactor: IDemoReactor) -> None:
        super().__init__()
        self._reactor = reactor

    def render_GET(self, request: Request) -> int:
        """Answer when a thread has computed it, unless the client has left."""
        size = int(query_number(request, "size", DEFAULT_SIZE, DIGEST_SIZES))
        computing = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), digest, size)
        left = request.notifyFinish()

        def tell(sha256: str) -> None:
            if not left.called:
                request.write(answer_json(request, {"size": size, "sha256": sha256}))
                request.finish()

        computing.addCallback(tell)
        left.addErrback(_ignore)
        return NOT_DONE_YET


def _ignore(failure: Failure) -> None:
    """The client left; the digest is remembered for the next one."""


def _conditions(request: Request) -> Conditions:
    return Conditions(
        if_match=request.getHeader(b"if-match"),
        if_none_match=request.getHeader(b"if-none-match"),
        if_range=request.getHeader(b"if-range"),
        range=request.getHeader(b"range") if request.method == b"GET" else None,  # RFC 9110 §14.2: GET only
    )


def _set_fields(request: Request, size: int, part: Part) -> None:
    """The head of the answer (RFC 9110 §14.3, §14.4, §15.3.7, §15.5.17)."""
    request.setResponseCode(part.status)
    request.setHeader(b"accept-ranges", b"bytes")
    request.setHeader(b"etag", entity_tag(size))
    request.setHeader(b"cache-control", b"no-cache")
    if part.status == 416:
        request.setHeader(b"content-range", b"bytes */%d" % size)
    if part.status not in {200, 206}:
        return
    request.setHeader(b"content-type", b"application/octet-stream")
    request.setHeader(b"content-disposition", b'attachment; filename="demo-%d.bin"' % size)
    request.setHeader(b"content-length", b"%d" % part.length)
    if part.status == 206:
        last = part.first + part.length - 1
        request.setHeader(b"content-range", b"bytes %d-%d/%d" % (part.first, last, size))
