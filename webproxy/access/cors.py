"""Cross-origin requests (Fetch §3.2): which pages may talk to us, as told by us.

Rule of this file: only what concerns our own answers. What the internal service says to pages is its own business.
Never ``Access-Control-Allow-Credentials``: a page brings its own key, and never the user's login.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.message.fields import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from webproxy.message.fields import Pair
    from webproxy.message.head import RequestHead

EVERYBODY = b"*"
"""On the list of origins: every page."""

_ALWAYS = (b"authorization", b"content-type", b"x-api-key")
_MOST_NAMES = 64
_TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def is_preflight(head: RequestHead) -> bool:
    """Tell whether a request is a real preflight (Fetch §4.8): it has an origin, asks for a method, sends nothing."""
    said = head.fields.combined
    return (
        head.method == b"OPTIONS"
        and not head.body
        and b"access-control-request-method" in said
        and said.get(b"origin", b"") != b""
    )


def is_listed(origin: bytes | None, origins: AbstractSet[bytes]) -> bool:
    """Tell whether pages of ``origin`` may talk to us."""
    return origin is not None and (origin in origins or EVERYBODY in origins)


def preflight_answer(head: RequestHead) -> list[Pair]:
    """Give the fields of a 204 that lets the request behind a preflight come.

    Authorization is named always: browsers do not take ``*`` for it (Fetch §4.9).
    """
    said = head.fields.combined
    asked = tokens(said.get(b"access-control-request-headers", b""))[:_MOST_NAMES]
    names = dict.fromkeys([*(name for name in asked if not name.translate(None, _TOKEN)), *_ALWAYS])
    method = said[b"access-control-request-method"]
    pairs = [
        (b"Access-Control-Allow-Origin", said[b"origin"]),
        (b"Access-Control-Allow-Headers", b", ".join(names)),
        (b"Access-Control-Max-Age", b"600"),
        (b"Vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]
    if not method.translate(None, _TOKEN):
        pairs.append((b"Access-Control-Allow-Methods", method))
    return pairs


def own_answer_pairs(head: RequestHead, origins: AbstractSet[bytes]) -> Iterable[Pair]:
    """Give the fields that let a listed page read an answer of our own: a 401, say, or that the service is down."""
    if not origins:
        return ()
    origin = head.fields.combined.get(b"origin")
    if origin is None or not is_listed(origin, origins):
        return ((b"Vary", b"Origin"),)
    return (
        (b"Access-Control-Allow-Origin", origin),
        (b"Access-Control-Expose-Headers", b"Retry-After, WWW-Authenticate, X-Request-Id"),
        (b"Vary", b"Origin"),
    )
