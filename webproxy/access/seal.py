"""Known credentials, cut out of a head block before anybody parses it.

Who logs in with every request sends the same lines with every request. Rule of this file: they are known again by a
keyed digest (their text is not kept), and only where they stand exactly as they stood when they were read strictly; a
line that is cut out whole leaves a block as sound, or as unsound, as it was. What is left has no secret of ours in it,
and can be parsed, remembered and rewritten as if nobody had to log in. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.access.cookies import is_marked, without_ours
from webproxy.access.keys import PREFIX

if TYPE_CHECKING:
    from webproxy.access.keyed_digest import KeyedDigest
    from webproxy.access.recognised import Grant
    from webproxy.message.fields import Fields

COOKIE = b"cookie"


class Seal:
    """What lines of a head block are good for.

    :ivar grant: the right to come in.
    :ivar session: a session is among them.
    :param starts: how each line begins, the CRLF before it included.
    :param lines: all of them.
    :param digest: recognises them.
    """

    __slots__ = ("_digest", "_known", "_starts", "grant", "session")

    def __init__(self, starts: tuple[bytes, ...], lines: bytes, grant: Grant, digest: KeyedDigest) -> None:
        self._starts = starts
        self._digest = digest
        self._known = digest(lines)
        self.grant = grant
        self.session = any(b"ookie" in start for start in starts)

    def __repr__(self) -> str:
        return f"<Seal of {len(self._starts)} lines for {self.grant!r}>"

    def left_of(self, block: bytes) -> bytes | None:
        """Cut the lines out of a head block.

        1.1 us for one line; parsing it, reading it and taking it out of the head take 4.

        :returns: the block without what is ours; None when the lines are not all there, or are others.
        """
        if len(self._starts) == 1 and not self.session:
            begin = block.find(self._starts[0])
            end = block.find(b"\r\n", begin + 2)
            if begin < 0 or self._digest(block[begin:end]) != self._known:
                return None
            return block[:begin] + block[end:]
        lines = b""
        for start in self._starts:
            begin = block.find(start)
            if begin < 0:
                return None
            end = block.find(b"\r\n", begin + 2)
            line = block[begin:end]
            lines += line
            kept = without_ours(line[len(start) :]) if is_marked(line) else b""
            block = block[:begin] + (start + kept if kept else b"") + block[end:]
        return block if self._digest(lines) == self._known else None


def seal(fields: Fields, grant: Grant, digest: KeyedDigest, *, ours: bool) -> Seal | None:
    """Make a seal of what opened the proxy.

    :param fields: of the request that was let in.
    :param ours: its Authorization is.
    :returns: None where something else stands in the same fields, or one of them repeats.
    """
    said = fields.combined
    if fields.repeats or (b"authorization" in said) is not ours:
        return None
    starts, lines = [], b""
    for name, value in fields.pairs:
        kind = name.lower()
        if kind == b"x-api-key" and PREFIX not in value:
            return None
        if kind in _NAMES and (kind != COOKIE or is_marked(value)):
            start = b"\r\n%b: " % name
            starts.append(start)
            lines += start + value
    return Seal(tuple(starts), lines, grant, digest)


_NAMES = frozenset((b"authorization", b"x-api-key", COOKIE))
