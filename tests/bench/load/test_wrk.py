"""What wrk prints, read."""

from __future__ import annotations

import pytest

from bench.child import MeasurementError
from bench.load.wrk import Outcome, parse

PRINTED = """Running 2s test @ http://127.0.0.1:8080/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.74ms  532.32us   8.02ms   78.50%
    Req/Sec    38.70k     9.91k   51.76k    65.00%
  78017 requests in 2.03s, 15.85MB read
{errors}Requests/sec:  38420.34
Transfer/sec:      7.80MB
"""


def test_requests_and_their_rate() -> None:
    assert parse(PRINTED.format(errors="")) == Outcome(78017, 38420.34, 0)


def test_a_few_failures_are_counted() -> None:
    errors = "  Socket errors: connect 1, read 20, write 3, timeout 4\n  Non-2xx or 3xx responses: 50\n"
    assert parse(PRINTED.format(errors=errors)).failed == 78


@pytest.mark.parametrize(
    "errors",
    [
        "  Socket errors: connect 0, read 79, write 0, timeout 0\n",
        "  Non-2xx or 3xx responses: 78017\n",
    ],
)
def test_more_failures_than_one_in_a_thousand_are_no_result(errors: str) -> None:
    with pytest.raises(MeasurementError, match=r"requests failed beside 78017 answered"):
        parse(PRINTED.format(errors=errors))


def test_no_answer_at_all_is_no_result() -> None:
    with pytest.raises(MeasurementError, match="0 requests failed beside 0"):
        parse("  0 requests in 2.00s, 0.00B read\nRequests/sec:      0.00\n")


def test_something_else_is_repeated() -> None:
    with pytest.raises(MeasurementError, match="wrk: unable to connect"):
        parse("unable to connect to 127.0.0.1:1 Connection refused\n")
