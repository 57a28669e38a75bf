"""Tables of paths: a method and a path in, what the table says about them out, in one pass.

Rule of this file: how patterns are written and matched; what stands in a table is somebody else's. A path is walked
segment by segment through a tree of dictionaries, so a table may have hundreds of rows: 2 to 6 us for a path that was
not asked before; one regular expression of all rows takes as long, and says neither which row nor where its root is.

A pattern is a path without query; a final slash counts neither in it nor in what is matched:

- ``{a,b}``: either of them; ``{/,v1/}embeddings`` is ``/embeddings`` and ``v1/embeddings``.
- ``*``: one segment, or any part of one (``*:generateContent``); ``**`` at the end: whatever follows, slashes too.
- With a slash in front it begins at the root, or below one of the mounts, under which people reach services through
  other ones (``/ollama``, ``/proxy/8000``). Without, it may begin at any segment.

The most telling pattern wins: the one that begins earliest in the path; of these, one at the root before one that may
begin anywhere, and words before stars.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Value = TypeVar("Value")

ANY_METHOD: Final = "*"

#: Where services stand below others: Open WebUI and LiteLLM, jupyter-server-proxy, JupyterHub, code-server, llama-swap,
#: OpenAI's and Azure's old paths.
MOUNTS: Final = (
    "{ollama,openai,vllm,anthropic,azure,azure_ai,bedrock,cohere,gemini,mistral,openai_passthrough,vertex_ai,vertex-ai}",
    "proxy/*",
    "proxy/absolute/*",
    "absproxy/*",
    "user/*",
    "upstream/*",
    "engines/*",
    "openai/deployments/*",
)

#: A path may be as long as its sender likes; endpoints stand at one of its ends.
ENDS: Final = 16

FEW: Final = 8
"""Parts that are looked for one by one; more with one expression."""

_BRACES: Final = re.compile(r"\{([^{}]*)\}")


class _Node(Generic[Value]):
    """What may follow a beginning of a pattern."""

    __slots__ = ("globs", "literal", "rest", "rows", "star")

    def __init__(self) -> None:
        self.literal: dict[str, _Node[Value]] = {}
        self.globs: dict[re.Pattern[str], _Node[Value]] = {}
        self.star: _Node[Value] | None = None
        self.rows: dict[str, Value] = {}  # by method, for a path that ends here
        self.rest: dict[str, Value] = {}  # for one that goes on with anything

    def below(self, segment: str) -> _Node[Value]:
        """Give the node below, made when it is not there."""
        if segment == "*":
            self.star = self.star or _Node()
            return self.star
        if "*" in segment:
            glob = re.compile(".*".join(map(re.escape, segment.split("*"))), re.DOTALL)
            return self.globs.setdefault(glob, _Node())
        return self.literal.setdefault(segment, _Node())


class PatternTable(Generic[Value]):
    """A table that is asked with method and path.

    :param rows: (method, pattern, value); ``*`` for any method. GET stands for HEAD too.
    :param ignore_case: of the path; for tables that protect rather than describe.
    :raises ValueError: a pattern that is not one, or two rows for the same method and pattern.
    """

    def __init__(self, rows: Iterable[tuple[str, str, Value]], *, ignore_case: bool = False) -> None:
        self._ignore_case = ignore_case
        self._rooted: _Node[Value] = _Node()
        self._anywhere: _Node[Value] = _Node()
        # What a path must have to be in the table: a mount, or of every pattern its longest word, or a part of one.
        self._words: set[str] = set(_MOUNTS)
        parts: set[str] = set()
        for method, pattern, value in rows:
            for written in alternatives(pattern):
                folded = written.casefold() if ignore_case else written
                self._add(method, folded, value)
                words, part = _telling(folded)
                self._words.update(words)
                parts.update(part)
        self._parts = sorted(parts)
        self._one_of_many = re.compile("|".join(map(re.escape, self._parts))).search

    def find(self, method: str, path: str) -> Value | None:
        """Say what the table knows.

        :param method: of the request.
        :param path: as policies see it: decoded, resolved.
        """
        if self._ignore_case:
            path = path.casefold()
        parts = path.split("/")
        if self._words.isdisjoint(parts) and not self._has_part(path) and path.strip("/"):
            return None  # most paths: 0.5 us instead of 2 to 6
        segments = [segment for segment in parts if segment]
        mounted = bool(segments) and segments[0] in _MOUNTS
        methods = ("GET", "HEAD", ANY_METHOD) if method == "HEAD" else (method, ANY_METHOD)
        roots: Sequence[int] = _roots(segments) if mounted else (0,)
        for start in _starts(len(segments)):
            if start in roots and (found := _walk(self._rooted, segments, start, methods)):
                return found[0]
            if found := _walk(self._anywhere, segments, start, methods):
                return found[0]
        return None

    def _has_part(self, path: str) -> bool:
        """Tell whether a part stands somewhere in a path; a few are found soonest one by one."""
        if len(self._parts) > FEW:
            return self._one_of_many(path) is not None
        for part in self._parts:  # noqa: SIM110 - any() takes several times as long
            if part in path:
                return True
        return False

    def _add(self, method: str, pattern: str, value: Value) -> None:
        node = self._rooted if pattern.startswith("/") else self._anywhere
        *before, last = pattern.strip("/").split("/")
        for segment in before:
            node = node.below(segment)
        places = [node.rest]
        if last != "**":
            open_end = last.endswith("**")
            node = node.below(last[:-1] if open_end else last) if last else node
            places = [node.rows, node.rest][: 1 + open_end]
        for place in places:
            if method in place:
                raise ValueError(f"{method} {pattern} stands in the table twice")
            place[method] = value


def _telling(pattern: str) -> tuple[list[str], list[str]]:
    """Say what every path has that a pattern matches: a segment, or else a part of one; nothing for the root alone."""
    segments = pattern.strip("/").split("/")
    words = [segment for segment in segments if segment and "*" not in segment]
    if words:
        return [max(words, key=len)], []
    return [], [] if pattern == "/" else [max((part for segment in segments for part in segment.split("*")), key=len)]


def alternatives(pattern: str) -> Iterator[str]:
    """Write out the braces of a pattern: one pattern for each choice.

    :raises ValueError: an open brace, or an open end that is not the end.
    """
    braces = _BRACES.search(pattern)
    if braces is None:
        if "**" in pattern[:-2] or "{" in pattern or "}" in pattern:
            raise ValueError(f"{pattern!r} is no pattern")
        yield pattern
        return
    for choice in braces[1].split(","):
        yield from alternatives(pattern[: braces.start()] + choice + pattern[braces.end() :])


def _walk(node: _Node[Value], segments: Sequence[str], at: int, methods: Sequence[str]) -> tuple[Value] | None:
    """Follow the segments from ``at`` on; words before stars, stars before open ends."""
    if at == len(segments):
        return _row(node.rows, methods)
    segment = segments[at]
    below = node.literal.get(segment)
    if below is not None and (found := _walk(below, segments, at + 1, methods)):
        return found
    for glob, below in node.globs.items():
        if glob.fullmatch(segment) and (found := _walk(below, segments, at + 1, methods)):
            return found
    if node.star is not None and (found := _walk(node.star, segments, at + 1, methods)):
        return found
    return _row(node.rest, methods)


def _row(rows: dict[str, Value], methods: Sequence[str]) -> tuple[Value] | None:
    """Give the value for the first of the methods that has one; in a tuple, for it may be None."""
    if rows:
        for method in methods:
            if method in rows:
                return (rows[method],)
    return None


def _starts(count: int) -> Iterable[int]:
    """Where in a path of ``count`` segments a pattern may begin; at its end there may still be a service's root."""
    if count <= 2 * ENDS:
        return range(count + 1)
    return (*range(ENDS), *range(count - ENDS, count))


def _mounts() -> dict[str, list[tuple[str, ...]]]:
    """Give the mounts by their first word."""
    mounts: dict[str, list[tuple[str, ...]]] = {}
    for pattern in MOUNTS:
        for written in alternatives(pattern):
            first, *more = written.split("/")
            mounts.setdefault(first, []).append(tuple(more))
    return mounts


_MOUNTS: Final = _mounts()


def _roots(segments: Sequence[str]) -> list[int]:
    """Say where services may have their root: at the beginning, and after every chain of mounts."""
    roots = [0]
    for root in roots:
        if root >= min(len(segments), ENDS):
            continue
        for more in _MOUNTS.get(segments[root], ()):
            following = segments[root + 1 : root + 1 + len(more)]
            end = root + 1 + len(more)
            if end not in roots and len(following) == len(more) and _is_mount(more, following):
                roots.append(end)
    return roots


def _is_mount(mount: Sequence[str], segments: Sequence[str]) -> bool:
    return all(word in {"*", segment} for word, segment in zip(mount, segments, strict=True))
