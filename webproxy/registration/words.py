"""What is said to the router and what it answers: docs/reference/router-protocol.md, from the machine's side.

Rule of this file: pure. Of a reply nothing is believed that is not as the protocol wants it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

CHALLENGE, REGISTER, RENEW, RELEASE = "challenge", "register", "renew", "release"

LARGEST = 16384
"""Bytes of a reply that are read."""

STATES = ("pending", "active", "renewing", "expiring", "failed")
"""How a certificate can be."""

_NAME = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_URL = re.compile(rf"https://({_NAME}(?:\.{_NAME})*)(?::[1-9][0-9]{{0,4}})?/?")
_MOST_ROUTERS = 64
_LONGEST_NONCE = 128


class RouterAway(Exception):  # noqa: N818 - as in errors.py
    """No answer could be had; the message says why, in a sentence."""


class UnsoundReply(RouterAway):
    """What came back is no reply of the protocol."""


class Padlock(NamedTuple):
    """How the router's certificate for the name is.

    :ivar state: ``pending``, ``active``, ``renewing``, ``expiring`` or ``failed``; empty when the router does not say.
    :ivar not_after: until when it is good, seconds since the epoch; ``None`` while there is none.
    :ivar why: what went wrong, in the authority's words or the router's; empty when nothing did.
    """

    state: str = ""
    not_after: float | None = None
    why: str = ""


class Lease(NamedTuple):
    """What the router has promised.

    :ivar name: the public name's first part.
    :ivar url: where the public finds the port, without a slash at its end.
    :ivar routers: the addresses that the router connects from.
    :ivar seconds: for how long it holds, from the reply on.
    :ivar renew: after how many seconds it should be renewed.
    :ivar padlock: how its certificate is.
    """

    name: str
    url: str
    routers: tuple[str, ...]
    seconds: float
    renew: float
    padlock: Padlock = Padlock()


class Reply(NamedTuple):
    """A reply.

    :ivar status: of HTTP.
    :ivar said: its members.
    :ivar retry_after: seconds to wait; 0: it says nothing of that.
    """

    status: int
    said: Mapping[str, Any]
    retry_after: float = 0.0

    @property
    def word(self) -> str:
        """What a refusal is about, for programs."""
        return str(self.said.get("error", ""))

    @property
    def told(self) -> str:
        """The same for people: printable, in one line."""
        return in_one_line(str(self.said.get("told", "")) or f"status {self.status}")


def in_one_line(text: str) -> str:
    """Make of a stranger's text what may be shown: printable, in one line, not long."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:300]


def encoded(data: bytes) -> str:
    """Write bytes in base64url without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(does: str, nonce: str, token: str, port: int, label: str = "") -> bytes:
    """Give what the machine signs.

    :param label: only when registering.
    """
    digest = hashlib.sha256(token.encode()).hexdigest()
    lines = ("webproxy-router 1", does, nonce, digest, str(port), label)
    return "".join(f"{line}\n" for line in lines).encode()


def read_reply(status: int, body: bytes, retry_after: bytes | None = None) -> Reply:
    """Read a reply.

    :param retry_after: the field of that name (RFC 9110 §10.2.3); a date in it counts as nothing.
    :raises UnsoundReply: it is no JSON object.
    """
    try:
        said = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise UnsoundReply(f"it answered {status} without JSON: is that the router's control port?") from None
    if not isinstance(said, dict):
        raise UnsoundReply(f"it answered {status} without a JSON object: is that the router's control port?")
    pause = retry_after or b""
    return Reply(status, said, float(pause) if pause.isdigit() and len(pause) < 7 else 0.0)


def nonce_in(reply: Reply) -> tuple[str, float] | None:
    """Give the next nonce and for how many seconds it is good, if the reply carries one."""
    nonce, seconds = reply.said.get("nonce"), _number(reply.said.get("nonce_seconds", 30))
    if not isinstance(nonce, str) or not 0 < len(nonce) <= _LONGEST_NONCE or seconds is None:
        return None
    return (nonce, seconds) if nonce.isascii() and nonce.isprintable() else None


def lease_in(reply: Reply) -> Lease:
    """Give the lease that a reply promises.

    :raises UnsoundReply: it promises none that could be held.
    """
    said = reply.said
    name, url = said.get("name"), said.get("url")
    if not isinstance(url, str) or not (match := _URL.fullmatch(url)) or match[1].partition(".")[0] != name:
        raise UnsoundReply("its reply has no name with an https URL")
    seconds, renew = _number(said.get("lease")), _number(said.get("renew"))
    if seconds is None or renew is None or not renew < seconds:
        raise UnsoundReply("its reply does not say how long the lease lasts")
    routers = _addresses(said.get("routers"))
    return Lease(str(name), url.rstrip("/"), routers, seconds, renew, _padlock(said.get("certificate")))


def _padlock(said: object) -> Padlock:
    """Read what the router says of its certificate; what makes no sense counts as nothing: it is only shown."""
    if not isinstance(said, dict) or said.get("state") not in STATES:
        return Padlock()
    until = said.get("not_after")
    if isinstance(until, bool) or not isinstance(until, int | float) or not math.isfinite(until):
        until = None
    why = said.get("why")
    return Padlock(said["state"], until, in_one_line(why) if isinstance(why, str) else "")


def _addresses(said: object) -> tuple[str, ...]:
    """Read the router's addresses: single ones, each of which some machine may have."""
    if not isinstance(said, list) or not 0 < len(said) <= _MOST_ROUTERS:
        raise UnsoundReply("its reply does not say which addresses it connects from")
    try:
        addresses = [ip_address(one) for one in said if isinstance(one, str)]
    except ValueError:
        raise UnsoundReply("its reply names an address that is none") from None
    if len(addresses) < len(said) or any(one.is_unspecified or one.is_multicast for one in addresses):
        raise UnsoundReply("its reply names an address that nobody connects from")
    return tuple(sorted({str(one) for one in addresses}))


def _number(said: object) -> float | None:
    """Read seconds: from one to a day."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        return None
    return float(said) if 1 <= said <= 86400 else None
