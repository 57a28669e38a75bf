"""Heads as values."""

from __future__ import annotations

from webproxy.message.fields import Fields
from webproxy.message.parser import parse_request


def test_a_head_with_other_fields_is_the_same_otherwise() -> None:
    head = parse_request(b"PUT /a HTTP/1.0\r\nHost: h\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n")
    other = Fields([(b"A", b"1")])
    changed = head.with_fields(other)
    assert changed == head._replace(fields=other)
    assert type(changed) is type(head)
