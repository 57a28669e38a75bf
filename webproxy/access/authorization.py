"""Authorization, read strictly (RFC 9110 §11.6.2): Basic (RFC 7617) and Bearer (RFC 6750 §2.1).

Rule of this file: one field, one scheme, one reading. What two servers could read differently is refused, because we
would judge one reading and the internal service might obey the other. Schemes that are not ours are not looked into.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, NamedTuple

from webproxy.errors import ClientProtocolError

if TYPE_CHECKING:
    from webproxy.message.fields import Fields

_TOKEN68 = re.compile(rb"[A-Za-z0-9._~+/-]+=*")  # RFC 9110 §11.2
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class Basic(NamedTuple):
    """A name and a password, both as the client's bytes; UTF-8 where it obeys our challenge (RFC 7617 §2.1)."""

    user: bytes
    password: bytes

    def __repr__(self) -> str:  # a NamedTuple's own would show the password in a traceback
        return "Basic(...)"


class Bearer(NamedTuple):
    """A token."""

    token: bytes

    def __repr__(self) -> str:
        return "Bearer(...)"


def read_authorization(fields: Fields) -> Basic | Bearer | None:
    """Read the Authorization field of a request.

    :returns: ``None`` when there is none, when it is empty, and for schemes that are not ours.
    :raises ClientProtocolError: 400 for a repeated field, for several credentials in one, and for a malformed Basic.
    """
    value = fields.combined.get(b"authorization")
    if value is None:
        return None
    if len(fields.get_all(b"authorization")) > 1:
        raise _malformed("is repeated (RFC 9110 section 5.3)")
    if _CONTROL.search(value):
        raise _malformed("contains a tab or a control character (RFC 9110 section 11.4)")
    scheme, _, parameter = value.partition(b" ")
    parameter = parameter.strip(b" ")
    read = _SCHEMES.get(scheme.lower())
    return None if read is None or not parameter else read(parameter)


def _basic(parameter: bytes) -> Basic:
    """RFC 7617 §2: token68 of ``user-id ":" password``, neither with control characters in it."""
    try:
        decoded = b64decode(parameter, validate=True)
    except binascii.Error:
        raise _malformed("holds no base64 (RFC 7617 section 2)") from None
    if b64encode(decoded) != parameter:  # spare bits that are not zero, padding in the middle: a second spelling
        raise _malformed("holds base64 in a form of its own (RFC 4648 section 3.5)")
    user, colon, password = decoded.partition(b":")
    if not colon:
        raise _malformed("holds no colon (RFC 7617 section 2)")
    if _CONTROL.search(decoded):
        raise _malformed("contains a control character (RFC 7617 section 2)")
    return Basic(user, password)


def _bearer(parameter: bytes) -> Bearer | None:
    """RFC 6750 §2.1: one token68; some applications write other things there, and those are theirs."""
    if b"," in parameter:
        raise _malformed("holds several credentials (RFC 9110 section 11.6.2)")
    return Bearer(parameter) if _TOKEN68.fullmatch(parameter) else None


_SCHEMES = {b"basic": _basic, b"bearer": _bearer}


def _malformed(what: str) -> ClientProtocolError:
    return ClientProtocolError(400, f"Authorization {what}")
