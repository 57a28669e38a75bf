"""A range of ports, both ends included."""

from __future__ import annotations

import pytest

from webproxy.settings.port_range import DEFAULT, port_range
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(
    ("text", "ports"), [(DEFAULT, range(12000, 13000)), (" 1 - 65535 ", range(1, 65536)), ("7-7", range(7, 8))]
)
def test_reads(text: str, ports: range) -> None:
    assert port_range(text) == ports


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("12000", "'12000' is not a range of ports; write it as in \"12000-12999\""),
        ("1-2-3", "'2-3' is not a port; give a number from 1 to 65535"),
        ("9-8", '9-8 ends before it begins; write "8-9"'),
        ("0-8", "0 is not a port; ports go from 1 to 65535"),
        ("1-65536", "65536 is not a port; ports go from 1 to 65535"),
    ],
)
def test_refuses(text: str, sentence: str) -> None:
    with pytest.raises(TextError) as caught:
        port_range(text)
    assert str(caught.value) == sentence
