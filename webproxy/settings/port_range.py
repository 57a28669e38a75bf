"""The range that new instances take their ports from: ``ports = "12000-12999"`` in ``webproxy.toml``.

Rule of this file: text -> range; which of them is free is for whoever opens one to see.
"""

from __future__ import annotations

import re

from webproxy.settings.ports import port_number
from webproxy.settings.wrong import TextError

#: Where nobody has said anything else.
DEFAULT = "12000-12999"


def port_range(text: str) -> range:
    """Read a range of ports, both ends included.

    :raises TextError: not a range, or one that is empty.
    """
    ends = re.fullmatch(r"\s*(\S+?)\s*-\s*(\S+)\s*", text)
    if not ends:
        raise TextError(f"{text!r} is not a range of ports", f'write it as in "{DEFAULT}"')
    first, last = port_number(ends[1]), port_number(ends[2])
    if last < first:
        raise TextError(f"{text} ends before it begins", f'write "{last}-{first}"')
    return range(first, last + 1)
