"""The last failures, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from tests.observe.exchanges import AT, exchange, exchanges, head
from webproxy.observe.failures import KEPT, LONGEST, Failures, in_words

if TYPE_CHECKING:
    from webproxy.message.record import ExchangeRecord


@pytest.mark.parametrize(
    ("closed_by", "note", "words"),
    [
        ("client", "", "the client left"),
        ("upstream", "nothing listens on 127.0.0.1:8080", "the internal service failed: nothing listens on"),
        ("guard", "No pulling.", "the policy guard rejected it: No pulling."),
        ("", "webproxy: too many", "answered with an error: webproxy: too many"),
        ("client", "/x?token=s3cret", "the client left: /x?token=***"),
    ],
)
def test_the_reason_is_told_in_words(closed_by: str, note: str, words: str) -> None:
    assert in_words(closed_by, note).startswith(words)


def test_the_latest_comes_first_and_the_oldest_goes() -> None:
    failures = Failures(lambda: AT)
    for number in range(KEPT + 3):
        record = exchange(head(target=b"/" + b"x" * 1000 + b"?key=s3cret"))
        record.id = b"%d" % number
        failures.exchange_ended(record)
    kept = failures.last()
    assert [row.id for row in kept] == [str(number) for number in range(KEPT + 2, 2, -1)]
    assert (kept[0].time, kept[0].method, len(kept[0].path)) == (AT, "POST", LONGEST)
    assert repr(failures) == f"<Failures {KEPT}>"


@given(exchanges())
def test_whatever_failed_can_be_kept(record: ExchangeRecord) -> None:
    failures = Failures()
    failures.exchange_ended(record)
    assert len(failures.last()) == 1
