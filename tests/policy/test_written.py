"""Heads from text are read by the parser of the wire, and refused by it."""

from __future__ import annotations

import pytest

from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.policy.written import written_request, written_response


def test_a_request() -> None:
    head = written_request("POST", "/a?b", [("Transfer-Encoding", "chunked"), ("X-A", "caf\xe9")])
    assert (head.method, head.target, head.authority, head.body) == (b"POST", b"/a?b", b"localhost", CHUNKED)
    assert head.fields.get(b"x-a") == b"caf\xe9"


def test_its_own_host_is_kept() -> None:
    assert written_request("GET", "/", [("hOST", "box")]).authority == b"box"


def test_a_response() -> None:
    head = written_response("GET", 200, [("Content-Type", "text/html")])
    assert (head.status, head.body) == (200, UNTIL_CLOSE)
    assert written_response("HEAD", 200).body == 0


def test_what_the_proxy_would_refuse_is_refused() -> None:
    with pytest.raises(ClientProtocolError) as caught:
        written_request("GET", "/a b")
    assert caught.value.status == 400
    with pytest.raises(UpstreamProtocolError):
        written_response("GET", 200, [("Content-Length", "x")])
