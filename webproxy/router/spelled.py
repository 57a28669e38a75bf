"""What several options are spelled like: a domain, an address, a port.

Rule of this file: text -> value, for the tables of the router's options.
"""

from __future__ import annotations

import re

from webproxy.settings.networks import network
from webproxy.settings.ports import port_number
from webproxy.settings.wrong import TextError

_DOMAIN = re.compile(r"(?=.{1,180}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")


def domain(text: str) -> str:
    """Read the domain below which names are given.

    :returns: in lower case, without a dot at its end.
    :raises TextError: it is none.
    """
    name = text.lower().removesuffix(".").removeprefix("*.")
    if not _DOMAIN.fullmatch(name) or name.rpartition(".")[2].isdecimal():
        raise TextError(f"{text!r} is not a domain", "write it as in secure.example.com")
    return name


def address(text: str) -> str:
    """Read one IP address.

    :returns: as the system writes it.
    :raises TextError: it is none.
    """
    found, _, length = network(text).partition("/")
    if "/" in text or length not in ("32", "128"):
        raise TextError(f"{text} is a network", "give one IP address, such as 10.0.0.2")
    return found


def port_or_none(text: str) -> int | None:
    """Read a port, or ``none``.

    :raises TextError: neither of them.
    """
    return None if text == "none" else port_number(text)
