"""What is legible of a head that was refused: enough to answer it in a shape that its sender reads.

Rule of this file: lenient, because nothing depends on it but the shape of a refusal and what the log shows of it. What
is not plainly legible is left out; of a query, which may hold a token, nothing is taken.
"""

from __future__ import annotations

import re

from webproxy.message.fields import Fields
from webproxy.message.head import RequestHead

LOOKED_AT = 65536
"""Most bytes of it that are looked at."""

NOTHING = RequestHead(b"-", b"-", b"", 1, Fields(), 0, False, False, False)
"""Stands for a request of which nothing is known, so that its refusal is an exchange like any other."""

_START = re.compile(rb"\s*([A-Z]{3,16}) (/[!->@-~]{0,1023})?")
_FIELD = re.compile(rb"\n(accept|content-type|sec-fetch-mode|sec-fetch-dest):[\t ]*([ -~]*)", re.IGNORECASE)


def legible(data: bytes) -> RequestHead:
    """Give what can be told of a request.

    :param data: its head or the beginning of one; may be anything.
    """
    data = data[:LOOKED_AT]
    start = _START.match(data)
    if start is None:
        return NOTHING
    return NOTHING._replace(
        method=start[1], target=start[2] or b"-", fields=Fields((name, value) for name, value in _FIELD.findall(data))
    )
