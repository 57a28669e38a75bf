"""Records on the wire; CAA there and back."""

from __future__ import annotations

from io import BytesIO

import pytest
from twisted.names.dns import IEncodableRecord, Record_A, Record_AAAA
from zope.interface.verify import verifyObject

from webproxy.router.dns.records import Record_CAA, address_record, issuer_record, start_record


def test_rfc_8659_4_1_a_caa_record() -> None:
    record = issuer_record(b"ca.example; a=b")
    verifyObject(IEncodableRecord, record)
    stream = BytesIO()
    record.encode(stream)
    assert stream.getvalue() == b"\0\5issueca.example; a=b"
    again = Record_CAA(ttl=record.ttl)
    stream.seek(0)
    again.decode(stream, len(stream.getvalue()))
    assert again == record
    assert hash(again) == hash(record)
    assert repr(again) == "<CAA flags=0 tag=b'issue' value=b'ca.example; a=b' ttl=300>"
    stream.seek(0)
    with pytest.raises(ValueError, match="length must be known"):
        again.decode(stream)


def test_an_address_is_of_its_kind() -> None:
    assert address_record("192.0.2.7") == Record_A("192.0.2.7", 300)
    assert address_record("2001:db8::7") == Record_AAAA("2001:db8::7", 300)


def test_rfc_1035_8_a_mailbox_may_hold_dots() -> None:
    stream = BytesIO()
    start_record(b"ns.example", "Action.domains@isi.example", 1, 60).encode(stream)
    assert stream.getvalue().startswith(b"\2ns\7example\0\x0eAction.domains\3isi\7example\0")
