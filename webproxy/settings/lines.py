"""On which line of a TOML text each key stands.

Rule of this file: text -> key path -> line, for errors alone. ``tomllib`` gives values without places; this reads just
enough (tables, keys, where strings and arrays end) of a text that ``tomllib`` has taken, and never decides anything.
"""

from __future__ import annotations

import re
from collections import Counter

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_TABLE = re.compile(rf"[ \t]*(\[{{1,2}})[ \t]*({_KEY})[ \t]*\]")
_PAIR = re.compile(rf"[ \t]*({_KEY})[ \t]*=")
_INNER = re.compile(rf"[{{,][ \t]*({_KEY})[ \t]*=")

#: What may hide brackets: strings of each kind, and comments.
_OPAQUE = re.compile(
    r"\"{3}(?:\\.|[^\\])*?\"{3}|'{3}.*?'{3}|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|#[^\n]*",
    re.DOTALL,
)


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """Find every key.

    :param text: TOML.
    :returns: line, from 1, by key path; the tables of an array count as ``[0]``, ``[1]``, as do those in one.
    """
    found: dict[tuple[str, ...], int] = {}
    arrays: Counter[tuple[str, ...]] = Counter()
    table: tuple[str, ...] = ()
    depth = 0
    lines = _OPAQUE.sub(_without_blocks, text).split("\n")
    bare = _OPAQUE.sub(_blank, text).split("\n")
    for number, (line, plain) in enumerate(zip(lines, bare, strict=True), 1):
        if depth == 0 and (header := _TABLE.match(line)):
            table = _parts(header[2])
            if header[1] == "[[":
                arrays[table] += 1
                table = (*table, f"[{arrays[table] - 1}]")
            found.setdefault(table, number)
            continue
        if depth == 0 and (pair := _PAIR.match(line)):
            path = (*table, *_parts(pair[1]))
            found.setdefault(path, number)
            for inner in _INNER.finditer(line, pair.end()):
                found.setdefault((*path, *_parts(inner[1])), number)
        depth = max(0, depth + sum(plain.count(mark) for mark in "[{") - sum(plain.count(mark) for mark in "]}"))
    return found


def _blank(found: re.Match[str]) -> str:
    """Keep only the ends of lines."""
    return re.sub(r"[^\n]", " ", found[0])


def _without_blocks(found: re.Match[str]) -> str:
    """Keep what may be a key in quotes."""
    return _blank(found) if found[0][0] == "#" or "\n" in found[0] else found[0]


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, key))
