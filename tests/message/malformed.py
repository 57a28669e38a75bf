"""Malformed and ambiguous messages, each with the answer it deserves: data for unit tests and for tests over sockets.

Rule of these tables (``malformed_*``): every row is one message as it comes over the wire, complete, so that whoever
reads it needs no more bytes to refuse it; and no row is there twice.
"""

from __future__ import annotations

from tests.message.malformed_answers import ANSWER_HEADS, framed
from tests.message.malformed_chunks import CHUNKED_BODIES
from tests.message.malformed_fields import FIELDS
from tests.message.malformed_framing import FRAMING
from tests.message.malformed_lines import REQUEST_LINES
from tests.message.malformed_row import post, rows
from tests.message.malformed_targets import HOSTS, TARGETS
from tests.message.malformed_unfinished import UNFINISHED_HEADS

__all__ = ["ANSWER_BODIES", "ANSWER_HEADS", "CHUNKED_BODIES", "REQUEST_BODIES", "REQUEST_HEADS", "UNFINISHED_HEADS"]

# Requests that are refused at their head; upstream sees nothing of them. Answers that are refused at their head
# (ANSWER_HEADS): the client gets a 502, and nothing of them.
REQUEST_HEADS = [*REQUEST_LINES, *TARGETS, *HOSTS, *FIELDS, *FRAMING]

# Requests with a sound head, refused at their body; upstream may see a part of it, but never its end.
REQUEST_BODIES = rows(
    400,
    "RFC 9112 section 7.1",
    {label: post(b"Transfer-Encoding: chunked", body) for label, body in CHUNKED_BODIES.items()},
)

# Answers with a sound head: the client gets their status, perhaps a part of the body, never its end.
ANSWER_BODIES = rows(
    200,
    "RFC 9112 section 7.1",
    {label: framed(b"Transfer-Encoding: chunked", body) for label, body in CHUNKED_BODIES.items()},
)
