"""What of a request is ours, and goes no further: credentials that open this proxy, and sessions of any webproxy.

Rule of this file: taken out whatever authorised the request, for the internal service could use them; all else stays
byte for byte, for its own tokens and cookies are its business. Pure: heads in, heads out, the same object when there
is nothing of ours in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.access.authorization import Basic
from webproxy.access.cookies import without_ours
from webproxy.access.keys import PREFIX
from webproxy.message.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Collection, Container

    from webproxy.access.authorization import Bearer
    from webproxy.message.fields import Pair
    from webproxy.message.head import RequestHead

AUTHORIZATION = frozenset((b"authorization",))
PRIVATE = frozenset((b"authorization", b"cookie", b"x-api-key"))
"""Fields that may hold a credential, whosever it is, in lower case."""


def is_ours(authorization: Basic | Bearer | None, value: bytes, users: Container[bytes]) -> bool:
    """Tell whether an Authorization field is meant for this proxy, good or not.

    :param authorization: what was read in it; None for schemes that are not read.
    :param value: the field itself: in a scheme that is not read a key of ours is ours all the same.
    :param users: the names of ours.
    """
    if isinstance(authorization, Basic):
        return authorization.user in users or PREFIX in authorization.password or PREFIX in authorization.user
    return PREFIX in value


def without(head: RequestHead, names: Collection[bytes]) -> RequestHead:
    """Leave fields out.

    :param names: theirs, in lower case.
    """
    fields = head.fields
    for name in names:
        fields = fields.without(name)
    return head if fields is head.fields else head.with_fields(fields)


def stripped(head: RequestHead, *, ours: bool) -> RequestHead:
    """Take out what is ours.

    :param ours: Authorization is, as :func:`is_ours` tells.
    """
    fields = head.fields
    said = fields.combined
    if ours:
        fields = fields.without(b"authorization")
    if b"x-api-key" in said or b"cookie" in said:
        fields = _without_key_and_session(fields)
    return head if fields is head.fields else head.with_fields(fields)


def _without_key_and_session(fields: Fields) -> Fields:
    said = fields.combined
    if fields.repeats:  # line by line
        pairs = tuple([kept for pair in fields.pairs if (kept := _left_of(pair)) is not None])
        return fields if pairs == fields.pairs else Fields(pairs)
    if PREFIX in said.get(b"x-api-key", b""):
        fields = fields.without(b"x-api-key")
    cookies = said.get(b"cookie", b"")
    left = without_ours(cookies)
    if left == cookies:
        return fields
    return fields.replaced(b"cookie", left) if left else fields.without(b"cookie")


def _left_of(pair: Pair) -> Pair | None:
    """Give what is left of one field; None: nothing."""
    name = pair[0].lower()
    if name == b"x-api-key" and PREFIX in pair[1]:
        return None
    if name != b"cookie":
        return pair
    left = without_ours(pair[1])
    if left == pair[1]:
        return pair
    return (pair[0], left) if left else None
