"""Cookies among which ours are: read and taken out, the others left byte for byte (RFC 6265 §4.2.1).

Rule of this file: a Cookie field is ``name=value`` pairs between semicolons, and nothing else is known of them.
Cookies are shared by all ports of a host, so those of every other webproxy on it arrive here too; none of them is the
internal service's business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webproxy.message.fields import Fields

MOST_READ = 4
"""Cookies of one name that are looked at: another path or a wider domain may have set one as well."""

MARK = b"webproxy-session-"
"""Where this is not, there is no session of any webproxy."""

_OURS = re.compile(rb"(?:__Host-)?webproxy-session-[0-9]+")


def is_marked(line: bytes) -> bool:
    """Tell whether a session of some webproxy may stand in a line.

    Every request with cookies comes here, and ``MARK in line`` would make an error message and drop it: 0.2 us.
    """
    return line.find(MARK) >= 0


def cookie_name(port: int, *, secure: bool) -> bytes:
    """Name the session cookie of the proxy on ``port``.

    :param secure: the outside is https: only then may a name begin with ``__Host-``, which no other host of the domain
        can set (RFC 6265bis §4.1.3.2).
    """
    return b"%bwebproxy-session-%d" % (b"__Host-" if secure else b"", port)


def cookie_values(fields: Fields, name: bytes) -> list[bytes]:
    """Give the values of the cookies called ``name``, at most :data:`MOST_READ` of them."""
    combined = fields.combined.get(b"cookie")
    if combined is None or name not in combined:
        return []
    found = []
    for line in fields.get_all(b"cookie"):
        for pair in line.split(b";"):
            received, equals, value = pair.strip(b" \t").partition(b"=")
            if equals and received == name:
                found.append(value)
    return found[:MOST_READ]


def without_ours(line: bytes) -> bytes:
    """Take every webproxy's session out of a Cookie field's value; empty when nothing else was in it."""
    if not is_marked(line):
        return line
    kept = [pair for pair in line.split(b";") if not _OURS.fullmatch(pair.partition(b"=")[0].strip(b" \t"))]
    return b";".join(kept).strip(b" \t")
