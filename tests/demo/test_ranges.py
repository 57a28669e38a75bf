"""The tests of ``webproxy/demo/ranges.py``."""

from __future__ import annotations

import pytest

from webproxy.demo.ranges import Conditions, Part, choose

ETAG = b'"tag"'
ALL = Part(200, 0, 100)


@pytest.mark.parametrize(
    ("field", "part"),
    [
        (b"bytes=0-0", Part(206, 0, 1)),
        (b"bytes=10-19", Part(206, 10, 10)),
        (b"Bytes= 10-19 ", Part(206, 10, 10)),
        (b"bytes=90-", Part(206, 90, 10)),
        (b"bytes=90-1000", Part(206, 90, 10)),
        (b"bytes=-1", Part(206, 99, 1)),
        (b"bytes=-1000", Part(206, 0, 100)),
        (b"bytes=-0", Part(416, 0, 0)),
        (b"bytes=100-", Part(416, 0, 0)),
        (b"bytes=100-200", Part(416, 0, 0)),
        (b"bytes=20-10", ALL),
        (b"bytes=-", ALL),
        (b"bytes=a-b", ALL),
        (b"bytes", ALL),
        (b"lines=1-2", ALL),
        (b"bytes=0-1,5-6", ALL),
        (b"", ALL),
    ],
)
def test_rfc_9110_14_1_2_byte_ranges(field: bytes, part: Part) -> None:
    assert choose(100, ETAG, Conditions(range=field)) == part


def test_rfc_9110_14_1_2_nothing_of_an_empty_file_can_be_had_in_part() -> None:
    assert choose(0, ETAG, Conditions(range=b"bytes=0-")).status == 416
    assert choose(0, ETAG, Conditions(range=b"bytes=-1")).status == 416
    assert choose(0, ETAG, Conditions()) == Part(200, 0, 0)


@pytest.mark.parametrize(
    ("field", "status"), [(b'"tag"', 206), (b'"other"', 200), (b'W/"tag"', 200), (b"Sun, 06", 200)]
)
def test_rfc_9110_13_1_5_if_range(field: bytes, status: int) -> None:
    assert choose(100, ETAG, Conditions(if_range=field, range=b"bytes=1-")).status == status


@pytest.mark.parametrize(
    ("field", "status"), [(b'"tag"', 304), (b'W/"tag"', 304), (b'"a", "tag"', 304), (b"*", 304), (b'"a"', 200)]
)
def test_rfc_9110_13_1_2_if_none_match(field: bytes, status: int) -> None:
    assert choose(100, ETAG, Conditions(if_none_match=field)).status == status


@pytest.mark.parametrize(("field", "status"), [(b'"tag"', 206), (b'"a", "tag"', 206), (b"*", 206), (b'W/"tag"', 412)])
def test_rfc_9110_13_1_1_if_match(field: bytes, status: int) -> None:
    assert choose(100, ETAG, Conditions(if_match=field, range=b"bytes=1-")).status == status


def test_rfc_9110_13_2_2_if_match_goes_before_if_none_match() -> None:
    assert choose(100, ETAG, Conditions(if_match=b'"x"', if_none_match=b'"tag"')).status == 412
