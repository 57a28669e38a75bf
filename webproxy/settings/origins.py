"""Origins whose pages may talk to us: ``--cors-origin https://chat.example.com``.

Rule of this file: text -> origins as browsers write them in their Origin field (RFC 6454 §6.2), which they are compared
with.
"""

from __future__ import annotations

import re

from webproxy.message.origin import origin
from webproxy.settings.wrong import TextError

EVERYBODY = "*"

_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([^\s/?#@,]+)([/?#].*)?", re.IGNORECASE)


def cors_origins(text: str) -> tuple[str, ...]:
    """Read origins, separated by commas.

    :returns: in lower case, without the port that the scheme implies.
    :raises TextError: one of them is none.
    """
    return tuple(_origin(one.strip()) for one in text.split(","))


def _origin(text: str) -> str:
    if text == EVERYBODY:
        return text
    match = _ORIGIN.fullmatch(text)
    if match is None:
        right = f"write https://{text}" if re.fullmatch(r"[A-Za-z0-9.:-]+", text) and text != "null" else _EXAMPLE
        raise TextError(f"{text!r} is not an origin", right)
    written = origin(match[1].encode(), match[2].encode()).decode()
    if match[3]:
        raise TextError(f"{text!r} is more than an origin", f"write {written}")
    return written


_EXAMPLE = "give scheme and host, as in https://chat.example.com, or * for every page"
