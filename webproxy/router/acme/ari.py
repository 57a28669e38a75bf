"""Renewal information: when the authority wants a certificate to be renewed (RFC 9773).

Rule of this file: from values to values; what asks for it is ``authority``.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from cryptography import x509

from webproxy.router.acme.schedule import Window


def identifier(certificate: x509.Certificate) -> str:
    """Give the identifier of a certificate (RFC 9773 §4.1); empty for one that cannot have any."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except (x509.ExtensionNotFound, ValueError):
        return ""
    if not found.value.key_identifier:
        return ""
    serial = certificate.serial_number
    # as DER has it: with a zero in front when the highest bit is set
    octets = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    return f"{_encoded(found.value.key_identifier)}.{_encoded(octets)}"


def _encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def window(said: Any) -> Window | None:
    """Read the window that an authority names (RFC 9773 §4.2).

    :param said: the JSON that it sent.
    :returns: ``None`` when there is none, or none that makes sense: its end has to come after its start.
    """
    suggested = said.get("suggestedWindow") if isinstance(said, dict) else None
    if not isinstance(suggested, dict):
        return None
    start, end = moment(suggested.get("start")), moment(suggested.get("end"))
    return Window(start, end) if start is not None and end is not None and start < end else None


def moment(text: Any) -> float | None:
    """Read a date of RFC 3339.

    :returns: seconds since the epoch; ``None`` when it is none.
    """
    if not isinstance(text, str) or len(text) > 64:
        return None
    whole, fraction = text.upper().replace("Z", "+00:00"), ""
    head, dot, rest = whole.partition(".")
    if dot:  # Python 3.10 reads three or six digits
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        whole, fraction = head + rest[len(digits) :], digits
    try:
        found = dt.datetime.fromisoformat(whole)
        return None if found.tzinfo is None else found.timestamp() + (float(f"0.{fraction}") if fraction else 0.0)
    except (ValueError, OverflowError):
        return None
