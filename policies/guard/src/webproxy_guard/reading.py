"""How a path is read: every way in which a service might read it, or not at all.

Rule of this file: a path that two servers may read as two endpoints is either read both ways or refused; it is never
repaired. What is refused here no client needs to send: all of them encode once, and resolve dots themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from webproxy.policy import (
    BACKSLASH,
    CONTROL,
    DOT_SEGMENTS,
    DOUBLE_ENCODING,
    EMPTY_SEGMENTS,
    ENCODED_SLASH,
    INVALID_ESCAPE,
    NOT_UTF8,
    NUL,
    read_path,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSED = {
    ENCODED_SLASH: "an encoded slash (%2F)",
    BACKSLASH: "a backslash",
    NUL: "a NUL (%00)",
    DOUBLE_ENCODING: "a second layer of percent-encoding",
    # Starlette and Tornado end their patterns with "$", which matches before a final %0A, too.
    CONTROL: "a control character",
    INVALID_ESCAPE: "a % that escapes nothing",
    # Decoders drop such bytes, replace them, or take overlong forms of "/" for it.
    NOT_UTF8: "bytes that are not UTF-8",
    # Where "//" and ".." meet, or an encoded dot a plain one, no two servers agree on what is left.
    DOT_SEGMENTS: "a segment . or ..",
}
"""Why a path is not passed on, by its oddity; the first of these is told."""

_SLASH = re.compile(rb"%2[Ff]")
_PARAMETERS = re.compile(r";[^/]*")
_REST = re.compile(r"[?#].*", re.DOTALL)


class Read(NamedTuple):
    """A path, with its encoded slashes taken for slashes, and with them as characters.

    :ivar split: to those for whom ``%2F`` separates segments; to all, when there is none.
    :ivar whole: to those for whom it does not.
    :ivar oddities: in which ways it might be read differently.
    """

    split: str
    whole: str
    oddities: frozenset[str]

    @property
    def plain(self) -> bool:
        """Whether there is one reading, but for encoded slashes."""
        return self.oddities <= {ENCODED_SLASH}

    def refusal(self, *, slashes: bool) -> str:
        """Say what is wrong with it; empty when nothing is.

        :param slashes: whether encoded slashes are all right.
        """
        wrong = self.oddities - {ENCODED_SLASH} if slashes else self.oddities
        return next((REFUSED[oddity] for oddity in REFUSED if oddity in wrong), "")

    def readings(self) -> Iterator[str]:
        """Give it as other servers may read it; nothing in it is refused."""
        for path in {self.split, self.whole}:
            yield from _forgiving(path)
            if EMPTY_SEGMENTS in self.oddities:
                # RFC 3986 section 4.2: "//name/path" names a host to whoever resolves a target as a reference (Node)
                yield from _forgiving("/" + path.lstrip("/").partition("/")[2])


def read(raw: bytes) -> Read:
    """Read the path of a request target, as received."""
    path, oddities = read_path(raw)
    whole = read_path(_SLASH.sub(b"%252F", raw)).text if ENCODED_SLASH in oddities else path
    return Read(path, whole, oddities)


def _forgiving(path: str) -> Iterator[str]:
    """Give a path as it is, and as those read it who take more off it than the query."""
    yield path
    # RFC 3986 section 3.3: servlet containers take parameters off every segment. "?" and "#" were %3F and %23: the end,
    # to whoever decodes before splitting. Where both are done, either may come first.
    if ";" in path or "?" in path or "#" in path:
        yield _REST.sub("", _PARAMETERS.sub("", path))
        yield _PARAMETERS.sub("", _REST.sub("", path))
