"""What is wrong with what the internal service sent, in words."""

from __future__ import annotations

import pytest

from webproxy.errors import UpstreamProtocolError, UpstreamSpeaksTls
from webproxy.message.parser import HEAD_LIMIT
from webproxy.upstream.faults import of_early_end, of_unfinished_head


@pytest.mark.parametrize("data", [b"H", b"HTTP/", b"HTTP/1.1 200 OK\r\nDate: x\r\n", b"HTTP/1.1 200 OK\r"])
def test_what_may_become_a_head(data: bytes) -> None:
    assert of_unfinished_head(data) is None


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * HEAD_LIMIT, UpstreamProtocolError, f"larger than {HEAD_LIMIT} bytes"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", UpstreamProtocolError, "is not HTTP/1"),
        (b"HTTP/1.1 200 OK\nDate: x\n", UpstreamProtocolError, "ends without CR (RFC 9112 §2.2)"),
        (b"\x15\x03\x01\x00\x02\x02\x46", UpstreamSpeaksTls, "speaks TLS"),
    ],
)
def test_what_will_not(data: bytes, kind: type[Exception], words: str) -> None:
    fault = of_unfinished_head(data)
    assert type(fault) is kind
    assert words in str(fault)


@pytest.mark.parametrize(("begun", "words"), [(True, "in the middle of its answer"), (False, "without an answer")])
def test_an_early_end_says_how_far_it_came(begun: bool, words: str) -> None:
    error = of_early_end(7, begun=begun)
    assert (error.bytes_sent, error.head_received) == (7, begun)
    assert error.detail == f"the internal service closed the connection {words}"
