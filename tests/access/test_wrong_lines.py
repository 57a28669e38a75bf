"""Every wrong line is told."""

from __future__ import annotations

from webproxy.access.wrong_lines import WrongLine, WrongLinesError


def test_a_sentence_each() -> None:
    error = WrongLinesError(
        [WrongLine(2, "is not name:hash", "mend it"), WrongLine(5, "names nobody", "name somebody")]
    )
    assert str(error) == "line 2: is not name:hash; mend it\nline 5: names nobody; name somebody"
    assert [line.number for line in error.wrong] == [2, 5]
