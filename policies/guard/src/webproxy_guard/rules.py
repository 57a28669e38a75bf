"""Rules: what stands in a list of endpoints, and how one is written.

Rule of this file: text -> rules. Which endpoints the applications' own lists name is said in
:mod:`webproxy_guard.applications`, and how a request is read in :mod:`webproxy_guard.reading`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from webproxy.policy import PatternTable, TextError, alternatives

if TYPE_CHECKING:
    from collections.abc import Iterator

ANY_METHOD = "*"

OWN = "deny"
"""Whose rule it is when the operator has written it."""

_COMMA = re.compile(r",(?![^{}]*\})")
_SLASHES = re.compile(r"/{2,}")
_RULE = re.compile(r"(?:(\*|[A-Z]{1,20})[ ]+)?([!-~]{1,500})")

RIGHT = "write a path, or a method and a path: /admin/**, or POST /props"


class Rule(NamedTuple):
    """An endpoint in a list.

    :ivar method: ``*`` for any.
    :ivar pattern: as :class:`webproxy.policy.PatternTable` reads it.
    :ivar owner: the application whose endpoint it is; ``deny`` for the operator's own.
    """

    method: str
    pattern: str
    owner: str = OWN

    def __str__(self) -> str:
        return self.pattern if self.method == ANY_METHOD else f"{self.method} {self.pattern}"


def rules(text: str) -> tuple[Rule, ...]:
    """Read a list of rules: ``/admin/**, POST /props``. A comma within braces is a part of its pattern.

    :raises TextError: one of them is not a rule.
    """
    return tuple(_rule(part.strip()) for part in _COMMA.split(text) if part.strip())


def table(listed: tuple[Rule, ...], *, strict: bool) -> PatternTable[Rule]:
    """Make the table that finds these rules; of two for the same endpoint the first one is found.

    :param strict: as they are written; else in any case, and ``x/**`` is ``x``, too.
    :raises ValueError: a pattern that is none.
    """
    found: dict[tuple[str, str], Rule] = {}
    for rule in listed:
        for pattern in _spellings(rule.pattern, strict=strict):
            found.setdefault((rule.method, pattern), rule)
    return PatternTable(((*key, rule) for key, rule in found.items()), ignore_case=not strict)


def _spellings(pattern: str, *, strict: bool) -> Iterator[str]:
    for written in alternatives(pattern if strict else pattern.casefold()):
        plain = _SLASHES.sub("/", written)
        yield plain.rstrip("/") or "/"
        if not strict and plain.endswith("/**"):
            yield plain.removesuffix("/**") or "/"


def _rule(text: str) -> Rule:
    written = _RULE.fullmatch(text)
    if not written:
        raise TextError(f"{text!r} is no endpoint", RIGHT)
    rule = Rule(written[1] or ANY_METHOD, written[2])
    try:
        table((rule,), strict=False)
    except ValueError as error:
        raise TextError(f"{text!r} is no endpoint ({error})", RIGHT) from None
    return rule
