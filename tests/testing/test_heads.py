"""Heads for tests are heads that could have come."""

from __future__ import annotations

import pytest

from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.testing import request, response


def test_a_request_in_a_word() -> None:
    head = request()
    assert (head.method, head.target, head.path, head.host) == ("GET", "/", "/", "localhost")
    assert (head.client, head.user, head.id, head.body_length) == ("203.0.113.7", None, "exchange-1", 0)


def test_fields_are_a_mapping_or_pairs() -> None:
    assert request(fields={"X-A": "1"}).field("x-a") == "1"
    assert request(fields=[("X-A", "1"), ("X-A", "2")]).field_values("x-a") == ["1", "2"]
    assert response(fields={"X-A": "1"}).field("x-a") == "1"


def test_bodies() -> None:
    assert (request("POST", body=7).body_length, request("POST", body=None).chunked) == (7, True)
    assert (response(body=7).body_length, response().until_close) == (7, True)
    assert response(200, body=7, method="HEAD").body_length == 0


def test_what_cannot_come_cannot_be_made() -> None:
    with pytest.raises(ClientProtocolError):
        request("GET", "no path")
    with pytest.raises(UpstreamProtocolError):
        response(200, {"Content-Length": "1"}, body=2)
