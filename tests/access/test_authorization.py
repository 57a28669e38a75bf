"""Authorization is read in one way, or not at all."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.access.authorization import Basic, Bearer, read_authorization
from webproxy.errors import ClientProtocolError
from webproxy.message.fields import Fields


def fields(*values: bytes) -> Fields:
    return Fields([(b"Authorization", value) for value in values])


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (b"Basic YWRhOnB3", Basic(b"ada", b"pw")),
        (b"basic YWRhOnB3", Basic(b"ada", b"pw")),
        (b"BASIC   YWRhOnB3", Basic(b"ada", b"pw")),
        (b"Basic " + b64encode("ada:smørrebrød 🔑".encode()), Basic(b"ada", "smørrebrød 🔑".encode())),
        (b"Basic " + b64encode(b"ada:p:w:"), Basic(b"ada", b"p:w:")),
        (b"Basic Og==", Basic(b"", b"")),
        (b"Bearer abc.DEF-_~+/==", Bearer(b"abc.DEF-_~+/==")),
        (b"bEARER x", Bearer(b"x")),
        (b"Bearer", None),
        (b"Bearer ", None),
        (b"Basic", None),
        (b"", None),
        (b"Bearer two words", None),
        (b'Digest username="ada", realm="x", nonce="1"', None),
        (b"Token wpk_x", None),
        (b"just-a-token", None),
        (b"Basicx YWRhOnB3", None),
    ],
)
def test_what_is_read(value: bytes, read: object) -> None:
    assert read_authorization(fields(value)) == read


def test_no_field_is_no_credential() -> None:
    assert read_authorization(Fields([(b"Host", b"h")])) is None


@pytest.mark.parametrize(
    "values",
    [
        [b"Basic YWRhOnB3", b"Basic YWRhOnB3"],
        [b"Basic YWRhOnB3", b"Bearer x"],
        [b"Basic YWRhOnB3, Basic YWRhOnB3"],
        [b"Basic YWRhOnB3,Bearer x"],
        [b"Bearer x, Basic YWRhOnB3"],
        [b"Bearer x,Basic YWRhOnB3"],
        [b"Basic YWRhOnB3 YWRhOnB3"],
        [b"Basic\tYWRhOnB3"],
        [b"\x00Basic YWRhOnB3"],
        [b"Basic YWRhOnB3\x7f"],
        [b"Basic YWRhOnB3="],
        [b"Basic YWRhOnB"],
        [b"Basic YWRhOnBzcw"],
        [b"Basic YWRh=OnB3"],
        [b"Basic YWRhOnB3YR=="],  # spare bits
        [b"Basic YWRhOnB\xc3\xb8"],
        [b"Basic YWRh-OnB_"],
        [b"Basic YWRh"],  # no colon
        [b"Basic " + b64encode(b"ada:p\0w")],
        [b"Basic " + b64encode(b"ada\n:pw")],
    ],
)
def test_what_two_servers_could_read_differently_is_refused(values: list[bytes]) -> None:
    with pytest.raises(ClientProtocolError) as refused:
        read_authorization(fields(*values))
    assert refused.value.status == 400
    assert "YWRh" not in str(refused.value)


@given(st.binary(max_size=80))
def test_anything_is_read_or_refused(value: bytes) -> None:
    for scheme in (b"", b"Basic ", b"Bearer "):
        try:
            read = read_authorization(fields(scheme + value))
        except ClientProtocolError:
            continue
        if isinstance(read, Basic):
            assert b64encode(read.user + b":" + read.password) == value.strip(b" ")


def test_no_secret_is_shown() -> None:
    assert "pw" not in repr(Basic(b"ada", b"pw")) + repr(Bearer(b"pw"))
