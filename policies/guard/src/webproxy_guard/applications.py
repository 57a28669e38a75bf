"""What applications answer that nobody should be asked from outside.

Rule of this file: a row is a method and the endpoints it asks, from the application's own sources, under the reason why
they are closed. Patterns are those of :class:`webproxy.policy.PatternTable`; ``x/**`` is ``x``, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.policy import TextError, listed
from webproxy_guard.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

NONE = "none"
"""What is written when only the operator's own lists are to be used."""

LISTS = """
[ollama]
# Go's profiler: memory, goroutines and the command line, and a CPU profile for as long as is asked
* debug/pprof/**
# anybody could delete the models, fill the disk, or publish what is here
* api/delete api/pull api/push api/create api/copy
POST api/blobs/**
* ollama/api/delete/* ollama/api/pull/* ollama/api/push/* ollama/api/create/* ollama/api/copy/*
"""


def _read(lists: str) -> Iterator[Rule]:
    """Read the lists above."""
    owner = ""
    for line in lists.splitlines():
        if line.startswith("["):
            owner = line.strip("[]")
        elif line and not line.startswith("#"):
            method, *patterns = line.split()
            yield from (Rule(method, pattern, owner) for pattern in patterns)


RULES = tuple(_read(LISTS))

APPLICATIONS = tuple(dict.fromkeys(rule.owner for rule in RULES))
"""The names that ``app=`` knows."""


def applications(text: str) -> tuple[Rule, ...]:
    """Read names of applications: ``ollama,open-webui``; ``none`` for none of them.

    :returns: the rules of their lists.
    :raises TextError: not a known name, or none at all.
    """
    names = listed(text)
    known = f"it is one or more of {', '.join(APPLICATIONS)}, or none"
    if not names:
        raise TextError("no application is named", known)
    if names == (NONE,):
        return ()
    for name in names:
        if name not in APPLICATIONS:
            raise TextError(f"{name!r} is not known", known)
    return tuple(rule for rule in RULES if rule.owner in names)
