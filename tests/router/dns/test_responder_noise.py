"""Any bytes at all: an answer that is sound, or none; never an error."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dns_noise import check, message
from tests.questions import zone
from webproxy.router.dns.responder import Responder


def answered(data: bytes) -> None:
    responder = Responder(zone(), lambda: 1.0)
    for answer, datagram in ((responder.datagram(data, "192.0.2.1"), True), (responder.stream(data), False)):
        if answer is not None:
            check(data, answer, datagram=datagram)


@given(st.binary(max_size=600))
def test_any_bytes(data: bytes) -> None:
    answered(data)


@given(st.binary(max_size=100))
def test_any_bytes_behind_a_sound_head(data: bytes) -> None:
    for beside in (0, 1, 2):
        answered(b"\1\2\1\0\0\1\0\0\0\0\0" + bytes((beside,)) + data)


@settings(max_examples=500)
@given(st.integers(0, 2**64))
def test_anything_that_looks_like_a_question(seed: int) -> None:
    answered(message(Random(seed)))
