"""What a machine asks for: the body of a request, read strictly.

Rule of this file: pure; bytes in, a value out, and nothing that is not in docs/reference/router-protocol.md.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from webproxy.router.proof import KEY, SIGNATURE, decoded

LARGEST = 4096
"""Bytes of a body."""

CHALLENGE, REGISTER, RENEW, RELEASE = "challenge", "register", "renew", "release"
MEMBERS = {
    CHALLENGE: frozenset[str](),
    REGISTER: frozenset({"machine", "port", "label", "nonce", "signature"}),
    RENEW: frozenset({"machine", "port", "nonce", "signature"}),
    RELEASE: frozenset({"machine", "port", "nonce", "signature"}),
}
MAY = {REGISTER: frozenset({"internal"}), RENEW: frozenset({"internal"})}
"""What may be there as well, for people to see."""
_LONGEST_TEXT = 128


class Malformed(ValueError):  # noqa: N818 - as in errors.py
    """A body is not as the protocol wants it; the message says how, in a sentence."""


class Asked(NamedTuple):
    """A request.

    :ivar does: one of the four words.
    :ivar machine: the public key; empty in a challenge, as all the others.
    :ivar internal: where the machine forwards; empty when it does not tell.
    """

    does: str
    machine: bytes = b""
    port: int = 0
    label: str = ""
    nonce: str = ""
    signature: bytes = b""
    internal: str = ""


def read(does: str, body: bytes) -> Asked:
    """Read a body.

    :param does: what it was sent for.
    :raises Malformed: it is not what that takes.
    """
    said = _object(body)
    wanted = MEMBERS[does]
    if said.keys() - MAY.get(does, frozenset()) != wanted:
        raise Malformed(f"the members of {does} are {', '.join(sorted(wanted)) or 'none'}")
    if does == CHALLENGE:
        return Asked(does)
    port = said["port"]
    if type(port) is not int or not 1 <= port <= 65535:
        raise Malformed("port is a number from 1 to 65535")
    return Asked(
        does,
        machine=_bytes(said, "machine", KEY),
        port=port,
        label=_text(said, "label") if does == REGISTER else "",
        nonce=_text(said, "nonce"),
        signature=_bytes(said, "signature", SIGNATURE),
        internal=_text(said, "internal") if "internal" in said else "",
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Malformed("the body is no JSON") from None
    if not isinstance(said, dict):
        raise Malformed("the body is no JSON object")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a member that is there twice: two readers might take different ones (RFC 8259 §4)."""
    said = dict(pairs)
    if len(said) != len(pairs):
        raise ValueError("a member is there twice")
    return said


def _text(said: dict[str, Any], name: str) -> str:
    text = said[name]
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT or not (text.isascii() and text.isprintable()):
        raise Malformed(f"{name} is a short text of ASCII")
    return text


def _bytes(said: dict[str, Any], name: str, size: int) -> bytes:
    try:
        return decoded(_text(said, name), size)
    except ValueError:
        raise Malformed(f"{name} is {size} bytes in base64url without padding") from None
