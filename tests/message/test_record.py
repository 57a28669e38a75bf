"""The exchange's record begins empty and shows itself."""

from __future__ import annotations

from webproxy.message.fields import Fields
from webproxy.message.head import RequestHead
from webproxy.message.record import ExchangeRecord

HEAD = RequestHead(b"GET", b"/x", b"a.example", 1, Fields([(b"Cookie", b"s=1")]), 0, True, False, False)


def test_a_new_record_claims_nothing() -> None:
    record = ExchangeRecord(b"id-1", "203.0.113.7", HEAD, 5.0)
    assert (record.id, record.client, record.head, record.started, record.ended) == (
        b"id-1",
        "203.0.113.7",
        HEAD,
        5.0,
        5.0,
    )
    assert (record.status, record.received, record.sent, record.user) == (0, 0, 0, None)
    assert (record.asked, record.first_byte, record.answered) == (None, None, None)
    assert (record.closed_by, record.note, record.why) == ("", "", "")
    assert record.traffic_class == "DEFAULT"


def test_its_state_is_readable_and_holds_no_secret() -> None:
    shown = repr(ExchangeRecord(b"id-1", "203.0.113.7", HEAD, 5.0))
    assert shown == "<ExchangeRecord b'id-1' b'GET' b'/x' 0 closed_by=''>"
    headless = repr(ExchangeRecord(b"id-1", "203.0.113.7", None, 5.0))
    assert headless == "<ExchangeRecord b'id-1' b'-' b'-' 0 closed_by=''>"
