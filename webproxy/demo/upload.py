"""``POST`` or ``PUT /upload``: takes a body of any size and says what arrived, and how evenly.

A proxy that collects uploads before it passes them on shows in ``seconds``: what took the client three seconds to
send arrives here within a blink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.demo.answer import Leaf, answer_json
from webproxy.demo.body import body_of

if TYPE_CHECKING:
    from twisted.web.server import Request


class Upload(Leaf):
    """Answers when the body is complete; :class:`webproxy.demo.body.Body` has measured it on its way."""

    def render_POST(self, request: Request) -> bytes:
        """Bytes, digest and timing of the body."""
        body = body_of(request)
        return answer_json(
            request,
            {
                "bytes": body.length,
                "sha256": body.sha256,
                "pieces": body.pieces,
                "seconds": round(body.took, 6),
                "longest_gap": round(body.longest_gap, 6),
            },
        )

    render_PUT = render_POST
