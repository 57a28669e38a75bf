"""Alerts that are sent before there is any TLS: seven bytes, in the clear, that every client understands.

Rule of this file: constants; RFC 8446 §6, each in a record of its own (§5.1) with the version that all accept.
"""

from __future__ import annotations


def _fatal(description: int) -> bytes:
    return bytes((21, 3, 3, 0, 2, 2, description))


UNRECOGNIZED_NAME = _fatal(112)
"""RFC 6066 §3: no machine has this name, or none was named."""

INTERNAL_ERROR = _fatal(80)
"""There is no certificate for it yet."""

NO_APPLICATION_PROTOCOL = _fatal(120)
"""RFC 7301 §3.2: of the protocols that were offered, machines speak none."""
