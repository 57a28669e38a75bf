"""The words of our own answers."""

from __future__ import annotations

import pytest

from webproxy.errors import (
    UpstreamError,
    UpstreamGone,
    UpstreamProtocolError,
    UpstreamRefused,
    UpstreamSpeaksTls,
    UpstreamTimeout,
)
from webproxy.resources.answers import Missing, for_failure, for_silence


def test_absent_says_what_to_do() -> None:
    answer = for_failure(UpstreamRefused("nothing listens on 127.0.0.1:8080"), "127.0.0.1:8080", starting=False)
    assert answer.status == 502
    assert "nothing listens on 127.0.0.1:8080" in answer.text
    assert "--internal" in answer.text
    assert answer.retry_after == 0


def test_starting_asks_for_patience() -> None:
    answer = for_failure(UpstreamRefused("x"), "127.0.0.1:8080", starting=True)
    assert answer.status == 503
    assert "still starting" in answer.text
    assert answer.retry_after == 2


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UpstreamTimeout("it did not take the connection", "connect"), 504),
        (UpstreamProtocolError("it is not HTTP"), 502),
        (UpstreamGone("it closed", bytes_sent=1, head_received=False), 502),
    ],
)
@pytest.mark.parametrize("starting", [True, False])
def test_every_other_failure_is_named(error: UpstreamError, status: int, starting: bool) -> None:
    answer = for_failure(error, "127.0.0.1:8080", starting=starting)
    assert answer.status == status
    assert error.detail in answer.text


def test_tls_says_what_to_do() -> None:
    answer = for_failure(UpstreamSpeaksTls(), "127.0.0.1:8443", starting=False)
    assert answer.status == 502
    for word in ("the internal service speaks TLS", "plain HTTP port", "127.0.0.1:8443", "--internal"):
        assert word in answer.text


@pytest.mark.parametrize(
    ("missing", "status", "hop"),
    [
        ("connection", 504, "the internal service on 127.0.0.1:8080"),
        ("client", 408, "the client"),
        ("intake", 504, "the internal service on 127.0.0.1:8080"),
        ("answer", 504, "the internal service on 127.0.0.1:8080"),
    ],
)
def test_silence_names_hop_timer_and_class(missing: Missing, status: int, hop: str) -> None:
    answer = for_silence(missing, "127.0.0.1:8080", 60.0, "DEFAULT")
    assert answer.status == status
    for word in (hop, "60 s", "DEFAULT"):
        assert word in answer.text
