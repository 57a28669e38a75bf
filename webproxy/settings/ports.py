"""The port of clients and the addresses it is opened on: ``--port``, ``--listen``.

Rule of this file: text -> value, and never TLS: the router encrypts, and needs plain HTTP behind it.
"""

from __future__ import annotations

import ipaddress
import re

from webproxy.settings.wrong import TextError

#: Why nothing here may speak TLS; the end of several sentences.
NO_TLS = "a self-signed certificate here would break the router's"

_TLS_ENDPOINT = re.compile(r"(ssl|tls|https|wss)\b[:/]?", re.IGNORECASE)
_PLAIN_ENDPOINT = re.compile(r"tcp6?:(?:port=)?([0-9]+)(?::.*)?")


def refuse_tls(text: str) -> None:
    """Refuse a text that asks for TLS, such as ``ssl:443:privateKey=key.pem`` (a Twisted endpoint) or an https URL.

    :raises TextError: it does.
    """
    if _TLS_ENDPOINT.match(text):
        raise TextError(f"{text!r} asks for TLS", f"give it without; {NO_TLS}")


def port_number(text: str) -> int:
    """Read a TCP port.

    :returns: 1 to 65535.
    :raises TextError: not a number, or out of range.
    """
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise TextError(f"{text!r} is not a port", "give a number from 1 to 65535")
    if not 1 <= int(text) <= 65535:
        raise TextError(f"{text} is not a port", "ports go from 1 to 65535")
    return int(text)


def external_port(text: str) -> int:
    """Read the port that clients reach.

    :returns: 1 to 65535, but never 443.
    :raises TextError: not a port, 443, or a Twisted endpoint.
    """
    refuse_tls(text)
    if endpoint := _PLAIN_ENDPOINT.fullmatch(text):
        raise TextError(f"{text!r} is more than a port", f"give the number alone: {endpoint[1]}")
    port = port_number(text)
    if port == 443:
        raise TextError("the router owns 443; TLS is its job", "choose another port, such as 12345")
    return port


def listen_address(text: str) -> str:
    """Read an IP address of this machine to listen on.

    :returns: the address as the system writes it, without brackets.
    :raises TextError: not an IP address.
    """
    refuse_tls(text)
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        raise TextError(f"{text!r} is not an IP address", _instead_of(text)) from None
    return str(address)


def _instead_of(text: str) -> str:
    """Say what would be right where ``text`` was taken for an address."""
    if text in ("", "*"):
        return "leave the option out to listen on all addresses"
    if text == "localhost":
        return "give 127.0.0.1, ::1, or both"
    if re.fullmatch(r"[0-9.]+:[0-9]+|\[.*\]:[0-9]+", text):
        return "give the address alone; its port is what --port says"
    return "give an address of this machine, such as 127.0.0.1 or ::1"
