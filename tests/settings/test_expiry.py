"""When a key expires."""

from __future__ import annotations

from math import inf

import pytest

from webproxy.settings.expiry import expiry
from webproxy.settings.wrong import TextError

NOW = 1_800_000_000.5  # 2027-01-15T08:00:00Z


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("never", inf),
        ("12h", 1_800_043_200),
        ("90d", 1_807_776_000),
        ("8w", 1_804_838_400),
        ("2027-01-16", 1_800_057_600),
        ("2027-01-15T08:00:01Z", 1_800_000_001),
    ],
)
def test_reads(text: str, when: float) -> None:
    assert expiry(text, NOW) == when


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "'' is not a time"),
        ("soon", "'soon' is not a time"),
        ("90", "'90' is not a time"),
        ("90m", "'90m' is not a time"),
        ("-1d", "'-1d' is not a time"),
        ("2027-02-30", "'2027-02-30' is not a time"),
        ("2027-01-15T08:00:00", "'2027-01-15T08:00:00' is not a time"),
        ("0d", "'0d' has passed"),
        ("2027-01-15", "'2027-01-15' has passed"),
        ("999999w", "'999999w' is too far away"),
    ],
)
def test_refuses(text: str, what: str) -> None:
    with pytest.raises(TextError) as raised:
        expiry(text, NOW)
    assert raised.value.what == what
