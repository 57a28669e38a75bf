"""What may be written, and what is said of everything else."""

from __future__ import annotations

import pytest

from webproxy.policy import TextError
from webproxy_ratelimit.settings import Limit, Rate, limits, rate, rate_or_none


@pytest.mark.parametrize(
    ("text", "requests", "seconds"),
    [("10/s", 10, 1), ("600/m", 600, 60), ("1000/h", 1000, 3600), ("5/d", 5, 86400), ("20/30s", 20, 30)],
)
def test_a_rate(text: str, requests: int, seconds: int) -> None:
    assert rate(text) == rate_or_none(text) == Rate(requests, seconds)


def test_a_rate_in_a_sentence() -> None:
    assert (str(rate("1/s")), str(rate("600/m"))) == ("1 request in 1 s", "600 requests in 60 s")


def test_no_rate() -> None:
    assert rate_or_none("none") is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("10", "'10' is not a rate"),
        ("", "'' is not a rate"),
        ("10/min", "'10/min' is not a rate"),
        ("-1/s", "'-1/s' is not a rate"),
        ("1.5/s", "'1.5/s' is not a rate"),
        ("0/s", "0/s allows nothing"),
        ("5/0s", "5/0s allows nothing"),
        ("5/25h", "5/25h looks back more than a day"),
    ],
)
def test_what_is_no_rate(text: str, what: str) -> None:
    with pytest.raises(TextError) as error:
        rate_or_none(text)
    assert (error.value.what, error.value.right.startswith("write a number and a time, as in 10/s")) == (what, True)


def test_limits_are_for_classes_and_paths() -> None:
    found = limits("LONG:10/m, /api/{pull,push}:2/h,/models/*:generateContent:1/s,")
    assert found == (
        Limit("LONG", Rate(10, 60)),
        Limit("/api/{pull,push}", Rate(2, 3600)),
        Limit("/models/*:generateContent", Rate(1, 1)),
    )
    assert [limit.of_class for limit in found] == [True, False, False]
    assert limits("") == ()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("10/m", "'10/m' names no requests"),
        (":10/m", "':10/m' names no requests"),
        ("LONG", "'LONG' names no requests"),
        ("/a b:1/s", "'/a b:1/s' names no requests"),
        ("/caf\xe9:1/s", "'/caf\xe9:1/s' names no requests"),
        ("LONG:soon", "'soon' is not a rate"),
        ("LONG:1/s,LONG:2/s", "LONG is given twice"),
        ("/a:1/s,/A/:2/s", "* /a/ stands in the table twice"),
        ("/{a:1/s", "'/{a' is no pattern"),
        ("/**/b:1/s", "'/**/b' is no pattern"),
    ],
)
def test_what_are_no_limits(text: str, what: str) -> None:
    with pytest.raises(TextError) as error:
        limits(text)
    assert error.value.what == what
    assert error.value.right
