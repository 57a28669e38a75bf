"""Which challenge a 401 carries (RFC 9110 §11.6.1).

A browser shows its login for Basic, and wget and git give up when Bearer stands beside it. A script in a page must not
raise that login, and a client of an API can use Bearer alone. Rule of this file: Basic, unless the request shows a
script or such a client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webproxy.message.fields import Pair
    from webproxy.message.head import RequestHead

REALM = b'realm="webproxy"'

BASIC = (b"WWW-Authenticate", b"Basic " + REALM + b', charset="UTF-8"')
"""RFC 7617 §2.1: UTF-8, so that every password comes as the same bytes."""

BEARER = (b"WWW-Authenticate", b"Bearer " + REALM)
BEARER_INVALID = (b"WWW-Authenticate", b"Bearer " + REALM + b', error="invalid_token"')
"""RFC 6750 §3.1: a token came, and it is none of ours."""


def asks_as_program(head: RequestHead) -> bool:
    """Tell whether a request shows a script or a client of an API; ``*/*`` shows neither."""
    said = head.fields.combined
    mode = said.get(b"sec-fetch-mode")
    if mode is not None:
        return mode != b"navigate"
    if b"x-requested-with" in said:
        return True
    accept = said.get(b"accept", b"").lower()
    return (b"json" in accept or b"event-stream" in accept) and b"html" not in accept


def challenge(head: RequestHead) -> Pair:
    """Choose the challenge for a request that brought nothing good."""
    if not asks_as_program(head):
        return BASIC
    return BEARER_INVALID if b"authorization" in head.fields.combined else BEARER
