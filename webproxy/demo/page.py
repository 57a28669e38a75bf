"""The web page: the files in ``page/``, read once, with the fields that a browser needs.

The page asks the internet for nothing, and the Content-Security-Policy makes sure of it.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import PurePath
from typing import TYPE_CHECKING

from twisted.web.http import CACHED

from webproxy.demo.answer import Leaf, finish_not_modified

if TYPE_CHECKING:
    from twisted.web.server import Request

INDEX = "index.html"
MEDIA_TYPES = {
    ".html": b"text/html; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
}
POLICY = (
    b"default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'"
)
"""``ws:`` because not every browser's ``'self'`` covers a WebSocket of the same origin."""


class PageFile(Leaf):
    """One file of the page; the browser asks each time whether it has changed.

    :param body: what is in it.
    :param media_type: its media type.
    """

    def __init__(self, body: bytes, media_type: bytes) -> None:
        super().__init__()
        self._body = body
        self._media_type = media_type
        self._etag = b'"%s"' % hashlib.sha256(body).hexdigest()[:16].encode()

    def render_GET(self, request: Request) -> bytes | int:
        """The file, or 304 when the browser has it."""
        request.setHeader(b"cache-control", b"no-cache")
        if request.setETag(self._etag) is CACHED:
            return finish_not_modified(request, len(self._body))
        request.setHeader(b"content-type", self._media_type)
        request.setHeader(b"content-security-policy", POLICY)
        request.setHeader(b"x-content-type-options", b"nosniff")
        request.setHeader(b"referrer-policy", b"no-referrer")
        return self._body


def page_files() -> dict[str, PageFile]:
    """Every file of the page by its name."""
    folder = resources.files("webproxy.demo").joinpath("page")
    return {
        file.name: PageFile(file.read_bytes(), MEDIA_TYPES[PurePath(file.name).suffix])
        for file in folder.iterdir()
        if PurePath(file.name).suffix in MEDIA_TYPES
    }
