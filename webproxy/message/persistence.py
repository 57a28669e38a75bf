"""Whether a connection outlives a message: RFC 9112 §9.3, one branch per rule of its list.

Rule of this file: the fields and the version decide; what the body's framing adds is for the caller.
"""

from __future__ import annotations

from webproxy.message.fields import Fields, tokens


def persistent(fields: Fields, minor: int) -> bool:
    """Tell whether the sender of a message wants its connection kept.

    :param fields: the message's fields.
    :param minor: of its HTTP/1.minor.
    """
    connection = fields.combined.get(b"connection")
    if connection is None or (minor and connection == b"keep-alive"):  # what browsers say: 0.1 us instead of 0.4
        return minor > 0
    options = tokens(connection)
    if b"close" in options:  # first rule: close
        return False
    if minor:  # second rule: HTTP/1.1
        return True
    return b"keep-alive" in options  # third rule: HTTP/1.0 with keep-alive; fourth: without
