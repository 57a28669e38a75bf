"""Errors say who must mend them, and what the answer needs."""

from __future__ import annotations

import pytest

from webproxy.errors import (
    ClientProtocolError,
    SettingsError,
    StartError,
    UpstreamError,
    UpstreamGone,
    UpstreamProtocolError,
    UpstreamRefused,
    UpstreamSpeaksTls,
    UpstreamTimeout,
    WebproxyError,
)


def test_a_settings_error_is_a_sentence_with_an_address() -> None:
    error = SettingsError("--port", "443 is the router's", "choose another")
    assert str(error) == "--port: 443 is the router's; choose another"
    assert str(SettingsError("--port", "443 is the router's")) == "--port: 443 is the router's"
    assert error.exit_status == 2


def test_a_start_error_is_a_sentence() -> None:
    error = StartError("port 80 is in use", "choose another")
    assert str(error) == "port 80 is in use; choose another"
    assert str(StartError("port 80 is in use")) == "port 80 is in use"
    assert error.exit_status == 1


def test_a_clients_error_carries_its_status() -> None:
    error = ClientProtocolError(431, "too many fields")
    assert (error.status, error.detail) == (431, "too many fields")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UpstreamError("x"), 502),
        (UpstreamRefused("x"), 502),
        (UpstreamProtocolError("x"), 502),
        (UpstreamTimeout("x", "head"), 504),
        (UpstreamGone("x", bytes_sent=0, head_received=False), 502),
    ],
)
def test_upstreams_errors_carry_the_status_of_the_answer(error: UpstreamError, status: int) -> None:
    assert error.status == status
    assert error.detail == "x"
    assert isinstance(error, WebproxyError)


def test_what_the_retry_rule_needs_is_in_the_error() -> None:
    error = UpstreamGone("x", bytes_sent=7, head_received=True)
    assert (error.bytes_sent, error.head_received) == (7, True)
    assert UpstreamTimeout("x", "connect").phase == "connect"


def test_a_service_that_speaks_tls_is_named_as_such() -> None:
    error = UpstreamSpeaksTls()
    assert (error.status, str(error)) == (502, error.detail)
    assert "speaks TLS" in error.detail
