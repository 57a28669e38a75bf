"""An order that was begun: what a process that is killed leaves to the next one.

Rule of this file: a frozen value and its JSON, read with care. It is on disk before anything is asked of the authority,
and goes when the certificate is on disk: its key is in use nowhere before.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from webproxy.router.acme.request import UnfitError, private_key

OLDEST = 5 * 86400.0
"""Seconds after which an order is begun anew; authorities keep one for about a week."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An order under way.

    :param names: what the certificate is to be for.
    :param key: its key, PEM.
    :param directory: of the authority.
    :param since: when the key was made, seconds since the epoch.
    :param url: of the order; empty until there is one.
    :param shown: proofs that may be seen still: domain, name and value, as :class:`Solver` has them.
    """

    names: tuple[str, ...]
    key: str
    directory: str
    since: float
    url: str = ""
    shown: tuple[tuple[str, str, str], ...] = ()

    def __repr__(self) -> str:
        return f"Begun({', '.join(self.names)}: {self.url or 'no order yet'})"

    def written(self) -> bytes:
        """Write it as JSON."""
        return json.dumps(asdict(self)).encode()

    def serves(self, names: tuple[str, ...], directory: str, now: float) -> bool:
        """Whether it may be finished, or is to be begun anew."""
        return self.names == names and self.directory == directory and 0 <= now - self.since < OLDEST


def read(data: bytes) -> Begun:
    """Read one.

    :raises ValueError: it is none.
    """
    said = json.loads(data)
    if not isinstance(said, dict):
        raise ValueError("it is none")  # noqa: TRY004 - whatever is wrong with a file is one error
    names, (key, directory, url) = (
        _texts(said.get("names")),
        _texts([said.get(one) for one in ("key", "directory", "url")]),
    )
    shown = [_texts(one) for one in said.get("shown") or ()]
    since: Any = said.get("since")
    if type(since) not in (int, float) or not math.isfinite(since) or not all(len(one) == 3 for one in shown):
        raise ValueError("something in it makes no sense")
    try:
        private_key(key)
    except UnfitError as error:
        raise ValueError(str(error)) from error
    return Begun(names, key, directory, since, url, tuple((one[0], one[1], one[2]) for one in shown))


def _texts(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise ValueError("something in it makes no sense")
    return tuple(found)
