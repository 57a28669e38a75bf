"""What is wrong with what a client sent, decided from sizes, seconds and bytes alone."""

from __future__ import annotations

import pytest

from webproxy.downstream.faults import of_large_body, of_late_head, of_unfinished_head, of_upload
from webproxy.downstream.limits import Limits

LIMITS = Limits(body=1000, upload_rate=10, upload_grace=5)


@pytest.mark.parametrize("data", [b"", b"G", b"GET / HTTP/1.1\r", b"GET / HTTP/1.1\r\nHost: h\r\n\r"])
def test_an_unfinished_head_may_still_become_one(data: bytes) -> None:
    assert of_unfinished_head(data) is None


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\n", 400),
        (b"\n", 400),
        (b"GET /" + b"x" * 66000, 414),
        (b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\nX: " + b"x" * 66000, 414),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 66000, 431),
        (b"x" * 66000, 431),
    ],
)
def test_what_never_will_be_a_head(data: bytes, status: int) -> None:
    fault = of_unfinished_head(data)
    assert fault is not None
    assert fault.status == status


def test_rfc9110_15_5_9_a_late_head_names_its_timer() -> None:
    fault = of_late_head(Limits(head_time=1.5))
    assert fault.status == 408
    assert "1.5 s" in fault.detail


def test_rfc9110_15_5_14_a_large_body_names_its_limit() -> None:
    fault = of_large_body(LIMITS)
    assert fault.status == 413
    assert "1000 bytes" in fault.detail


@pytest.mark.parametrize(
    ("received", "lasted", "status"), [(1000, 0, 0), (1001, 0, 413), (40, 5, 0), (50, 5.5, 408), (55, 5.5, 0)]
)
def test_an_upload_must_be_small_enough_and_after_a_while_fast_enough(
    received: int, lasted: float, status: int
) -> None:
    fault = of_upload(received, lasted, LIMITS)
    assert (fault.status if fault is not None else 0) == status
