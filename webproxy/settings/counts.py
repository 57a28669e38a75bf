"""How many of something there may be: ``--max-connections 1000``.

Rule of this file: text -> a number of at least 1, or no limit.
"""

from __future__ import annotations

import math

from webproxy.policy.setting import whole_number
from webproxy.settings.wrong import TextError

_number = whole_number()


def count_limit(text: str) -> float:
    """Read a largest number, or ``none`` for no limit.

    :returns: at least 1; ``math.inf`` for ``none``.
    :raises TextError: neither of them, or 0.
    """
    if text == "none":
        return math.inf
    try:
        number = _number(text)
    except TextError as wrong:
        raise TextError(wrong.what, "give a number of at least 1, or none for no limit") from None
    if not number:
        raise TextError("0 would turn everybody away", "give a number of at least 1, or none for no limit")
    return float(number)
