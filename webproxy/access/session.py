"""Sessions: what a browser carries after its first login.

It sends them where it sends no Basic: with Safari's WebSocket handshakes, with EventSource, and with requests whose
Authorization is the application's own.
Rule of this file: nothing is stored. A session says whose it is and until when, signed together with the credential it
came from: a changed password, a revoked key, another port or another secret, and the signature is wrong.
"""

from __future__ import annotations

import binascii
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

LIFETIME = 86400
"""Seconds for which a session is good."""

_VALUE = re.compile(rb"([uk])([A-Za-z0-9_-]{0,1024})\.([0-9]{1,12})\.([0-9a-f]{64})")


class Subject(NamedTuple):
    """Whose a session is.

    :ivar kind: ``b"u"``, a user; ``b"k"``, an API key.
    :ivar name: the user's name, or the key's digest.
    """

    kind: bytes
    name: bytes


class Session(NamedTuple):
    """A sound session.

    :ivar expires: seconds since the epoch.
    """

    subject: Subject
    expires: int


def signed(subject: Subject, expires: int, binding: bytes, cookie: bytes, secret: bytes) -> bytes:
    """Write a session as a cookie's value.

    :param expires: seconds since the epoch.
    :param binding: of the credential that it came from: its hash.
    :param cookie: the cookie's name, which names the port.
    :param secret: of this proxy alone.
    """
    name = urlsafe_b64encode(subject.name).rstrip(b"=")
    return b"%b%b.%d.%b" % (subject.kind, name, expires, _signature(subject, expires, binding, cookie, secret))


def read_session(
    value: bytes, now: float, binding_of: Callable[[Subject], bytes | None], cookie: bytes, secret: bytes
) -> Session | None:
    """Read a cookie's value.

    :param now: seconds since the epoch.
    :param binding_of: gives what a subject's sessions are bound to now; ``None`` when it may not come in any more.
    :returns: ``None`` for anything but a session that is good now.
    """
    match = _VALUE.fullmatch(value)
    if match is None:
        return None
    kind, name, digits, signature = match.groups()
    expires = int(digits)
    if not now < expires <= now + LIFETIME + 1:
        return None
    try:
        subject = Subject(kind, urlsafe_b64decode(name + b"=" * (-len(name) % 4)))
    except binascii.Error:
        return None
    binding = binding_of(subject)
    expected = _signature(subject, expires, binding or b"", cookie, secret)
    if not hmac.compare_digest(expected, signature) or binding is None:
        return None
    return Session(subject, expires)


def set_cookie(name: bytes, value: bytes, *, secure: bool) -> bytes:
    """Write the Set-Cookie field's value (RFC 6265 §4.1).

    ``Lax``: other sites' pages get links, and no forms, frames or scripts, through with it.
    """
    attributes = b"; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax" % LIFETIME
    return b"%b=%b%b%b" % (name, value, attributes, b"; Secure" if secure else b"")


def _signature(subject: Subject, expires: int, binding: bytes, cookie: bytes, secret: bytes) -> bytes:
    """Sign; every part but the last has its length before it, so that no two sessions are the same bytes."""
    parts = (cookie, subject.kind, subject.name, b"%d" % expires)
    message = b"".join(b"%d:%b" % (len(part), part) for part in parts) + binding
    return hmac.digest(secret, message, "sha256").hex().encode()
