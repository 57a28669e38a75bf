"""How many more hops a request may go: Max-Forwards, RFC 9110 §7.6.2.

Rule of this file: it counts for OPTIONS and TRACE; in every other method the field is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from webproxy.message.head import RequestHead

COUNTED: Final = frozenset((b"OPTIONS", b"TRACE"))


def remaining(head: RequestHead) -> int | None:
    """Read how many hops are left, this one included; ``None`` when nothing limits them."""
    value = head.fields.combined.get(b"max-forwards")
    if value is None or head.method not in COUNTED or not value.isdigit() or len(value) > 9:
        return None
    return int(value)


def ends_here(head: RequestHead) -> bool:
    """Tell whether a request must not be forwarded: we are its final recipient then."""
    return remaining(head) == 0
