"""Whether a page of another site speaks with the user's login.

A browser attaches cookies and Basic on its own, whoever wrote the page. So what changes something, and WebSocket
handshakes (which no same-origin policy guards), must come from our own origin when such a thing authorised them.
Rule of this file: the browser's own fields decide, which no page can write; who sends none of them is no browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.message.origin import normalised, origin

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from webproxy.message.head import RequestHead

SAFE = frozenset((b"GET", b"HEAD", b"OPTIONS", b"TRACE"))
"""Methods that change nothing (RFC 9110 §9.2.1)."""

_OWN_SITE = frozenset((b"same-origin", b"none"))


def is_foreign(head: RequestHead, public: bytes, allowed: AbstractSet[bytes]) -> bool:
    """Tell whether a request comes from another site's page and could do harm.

    :param public: the origin under which the public knows the service.
    :param allowed: origins that the operator trusts as much as our own.
    """
    if head.method in SAFE and not head.websocket:
        return False
    said = head.fields.combined
    site = said.get(b"sec-fetch-site")  # Fetch Metadata §2.3; only sent to https and localhost
    if site is not None:
        return site not in _OWN_SITE
    named = said.get(b"origin")  # RFC 6454 §7; "null" is nobody's
    if named is None:
        return False
    named = normalised(named) or named
    return named not in allowed and named not in _own(head.authority, public)


def _own(authority: bytes, public: bytes) -> tuple[bytes, ...]:
    """Give the request's own origins: host and port are what it says; who ended TLS may not have told us."""
    if public.startswith(b"https:"):
        return (public,)
    return (public, origin(b"http", authority), origin(b"https", authority))
