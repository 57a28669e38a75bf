"""One test per numbered rule of RFC 9112 §6.3, in both directions, and every ambiguity refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.message.fields import Fields
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE, content_length, request_body, response_body


def fields(*lines: bytes) -> Fields:
    return Fields([(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)])


def refused(*lines: bytes, minor: int = 1) -> int:
    with pytest.raises(ClientProtocolError) as caught:
        request_body(fields(*lines), minor)
    return caught.value.status


def answer(*lines: bytes, method: bytes = b"GET", status: int = 200, minor: int = 1) -> int:
    return response_body(method, status, fields(*lines), minor)


# ---- requests


def test_request_rule_3_both_fields() -> None:
    assert refused(b"Transfer-Encoding: chunked", b"Content-Length: 5") == 400
    assert refused(b"Transfer-Encoding: chunked", b"Content-Length:") == 400


def test_request_rule_4_chunked_is_final() -> None:
    assert request_body(fields(b"Transfer-Encoding: chunked"), 1) == CHUNKED
    assert request_body(fields(b"transfer-encoding: Chunked"), 1) == CHUNKED


@pytest.mark.parametrize(
    "coding",
    [b"", b"gzip", b"identity", b"chunked, gzip", b"chunked, chunked", b"chunked;a=b", b", chunked", b"chunked,"],
)
def test_request_rule_4_chunked_is_not_final(coding: bytes) -> None:
    assert refused(b"Transfer-Encoding: " + coding) == 400


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"x;y=z , CHUNKED", b"identity, chunked"])
def test_rfc9112_6_1_an_unknown_coding_is_not_implemented(coding: bytes) -> None:
    assert refused(b"Transfer-Encoding: " + coding) == 501


def test_rfc9112_6_1_no_transfer_encoding_in_http_1_0() -> None:
    assert refused(b"Transfer-Encoding: chunked", minor=0) == 400
    assert refused(b"Transfer-Encoding: gzip, chunked", minor=0) == 400


@pytest.mark.parametrize(
    "length", [b"", b"+5", b"-5", b"5, 5", b"5,6", b"0x5", b"5 5", b"05", b"00", b"1_0", b"\xb2", b"9" * 19]
)
def test_request_rule_5_an_invalid_length(length: bytes) -> None:
    assert refused(b"Content-Length: " + length) == 400
    assert refused(b"Content-Length: " + length, minor=0) == 400


def test_request_rule_5_a_repeated_length() -> None:
    assert refused(b"Content-Length: 5", b"Content-Length: 6") == 400
    assert refused(b"Content-Length: 5", b"content-length: 5") == 400


@pytest.mark.parametrize("minor", [0, 1])
def test_request_rule_6_a_valid_length(minor: int) -> None:
    assert request_body(fields(b"Content-Length: 0"), minor) == 0
    assert request_body(fields(b"Content-Length: 10"), minor) == 10
    assert request_body(fields(b"Content-Length: " + b"9" * 18), minor) == 10**18 - 1


@pytest.mark.parametrize("minor", [0, 1])
def test_request_rule_7_neither(minor: int) -> None:
    assert request_body(fields(b"Accept: */*"), minor) == 0


# ---- responses


@pytest.mark.parametrize("status", [100, 101, 103, 199, 204, 304])
@pytest.mark.parametrize("line", [b"Content-Length: 5", b"Transfer-Encoding: chunked", b"X: 1"])
def test_response_rule_1_a_status_without_body(status: int, line: bytes) -> None:
    assert answer(line, status=status) == 0


@pytest.mark.parametrize("line", [b"Content-Length: 5", b"Transfer-Encoding: chunked", b"X: 1"])
def test_response_rule_1_an_answer_to_head(line: bytes) -> None:
    assert answer(line, method=b"HEAD") == 0


@pytest.mark.parametrize("status", [200, 204, 304])
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_response_rule_3_both_fields_even_where_rule_1_holds(method: bytes, status: int) -> None:
    with pytest.raises(UpstreamProtocolError, match="both"):
        answer(b"Transfer-Encoding: chunked", b"Content-Length: 5", method=method, status=status)


def test_response_rule_4_chunked_is_final() -> None:
    assert answer(b"Transfer-Encoding: chunked") == CHUNKED
    assert answer(b"Transfer-Encoding: CHUNKED", status=500) == CHUNKED


@pytest.mark.parametrize("coding", [b"", b"gzip", b"identity", b"gzip, chunked", b"chunked, chunked", b"chunked;a=b"])
def test_response_rule_4_any_other_coding(coding: bytes) -> None:
    with pytest.raises(UpstreamProtocolError, match="coding"):
        answer(b"Transfer-Encoding: " + coding)


def test_rfc9112_6_1_no_transfer_encoding_in_an_answer_of_http_1_0() -> None:
    with pytest.raises(UpstreamProtocolError, match=r"HTTP/1\.0"):
        answer(b"Transfer-Encoding: chunked", minor=0)


@pytest.mark.parametrize("length", [b"", b"-1", b"5, 5", b"05", b"9" * 19])
@pytest.mark.parametrize("status", [200, 304])
def test_response_rule_5_an_invalid_length(length: bytes, status: int) -> None:
    with pytest.raises(UpstreamProtocolError, match="Content-Length"):
        answer(b"Content-Length: " + length, status=status)


def test_response_rule_6_a_valid_length() -> None:
    assert answer(b"Content-Length: 0") == 0
    assert answer(b"Content-Length: 5", status=404, minor=0) == 5


def test_response_rule_8_until_close() -> None:
    assert answer(b"X: 1") == UNTIL_CLOSE
    assert answer(b"X: 1", minor=0) == UNTIL_CLOSE
    assert answer(b"X: 1", status=205) == UNTIL_CLOSE


# ---- properties


@given(st.integers(0, 10**18 - 1))
def test_every_length_below_10_to_the_18_is_read(octets: int) -> None:
    assert content_length(b"%d" % octets) == octets


@given(st.binary(max_size=24) | st.text("0123456789+-, x_", max_size=22).map(str.encode))
@example(b"0")
@example(b"00")
def test_a_length_is_decimal_digits_or_nothing(value: bytes) -> None:
    plain = re.fullmatch(rb"0|[1-9][0-9]{0,17}", value)
    assert content_length(value) == (int(value) if plain else None)


@given(st.text("chunked,gzip; \t", max_size=16).map(str.encode))
def test_only_chunked_itself_frames_a_request_in_chunks(coding: bytes) -> None:
    try:
        body = request_body(Fields([(b"Transfer-Encoding", coding)]), 1)
    except ClientProtocolError:
        assert coding != b"chunked"
    else:
        assert (body, coding) == (CHUNKED, b"chunked")
