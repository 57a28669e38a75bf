"""API keys and the file of their hashes."""

from __future__ import annotations

import hashlib
import secrets
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.access.authorization import Bearer, read_authorization
from webproxy.access.keys import (
    BITS,
    PREFIX,
    Key,
    digest_of,
    expiry_written,
    format_keys,
    is_name,
    key_of,
    looks_like_key,
    parse,
)
from webproxy.access.wrong_lines import WrongLinesError
from webproxy.message.fields import Fields

DIGEST = hashlib.sha256(b"a key").digest()
LINE = b"laptop " + DIGEST.hex().encode()
EXPIRY = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def test_a_key_is_letters_and_digits_of_256_bits() -> None:
    keys = {key_of(number) for number in (0, 1, 61, 62, 2**BITS - 1)}
    assert len(keys) == 5
    assert {len(key) for key in keys} == {len(PREFIX) + 43}
    assert all(key.removeprefix(PREFIX).isalnum() for key in keys)
    assert all(looks_like_key(key) for key in keys)


@given(st.integers(0, 2**BITS - 1))
def test_numbers_and_keys_are_the_same_many(number: int) -> None:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    again = 0
    for character in key_of(number).removeprefix(PREFIX).decode():
        again = again * 62 + digits.index(character)
    assert again == number


def test_a_key_is_a_bearer_token() -> None:
    key = key_of(secrets.randbits(BITS))
    assert read_authorization(Fields([(b"Authorization", b"Bearer " + key)])) == Bearer(key)


def test_what_begins_like_a_key_is_taken_for_one() -> None:
    assert looks_like_key(b"wpk_mistyped")
    assert not looks_like_key(b"sk-proj-abc")


def test_only_a_hash_is_kept() -> None:
    assert digest_of(b"a key") == DIGEST


def test_a_file_is_written_and_read() -> None:
    keys = [Key("laptop", DIGEST), Key("ci.2", digest_of(b"b"), EXPIRY, "for the nightly runs: ä, two  spaces")]
    written = format_keys(keys)
    assert parse(written) == keys
    assert written.splitlines()[1] == LINE + b" never"
    assert b" 2027-01-15T08:00:00Z for the nightly runs" in written
    assert parse(format_keys([])) == []


def test_remarks_and_empty_lines_say_nothing() -> None:
    assert parse(b"\n  # a remark\n\n" + LINE + b"  never  \r\n") == [Key("laptop", DIGEST, inf)]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"laptop", "is not a key: name, hash, expiry and note; add keys with webproxy key add"),
        (b"wpk_abc", "is not a key: name, hash, expiry and note; add keys with webproxy key add"),
        (b"-x " + LINE, "is not a key: name, hash, expiry and note; add keys with webproxy key add"),
        (LINE[:-1] + b" never", "is not a key: name, hash, expiry and note; add keys with webproxy key add"),
        (LINE.upper() + b" never", "is not a key: name, hash, expiry and note; add keys with webproxy key add"),
        (LINE, "the key laptop expires at a time that is none; write never, or 2027-01-31T12:00:00Z"),
        (LINE + b" tomorrow", "the key laptop expires at a time that is none; write never, or 2027-01-31T12:00:00Z"),
        (LINE + b" never \xff", "is not UTF-8; save the file as UTF-8"),
    ],
)
def test_wrong_lines(line: bytes, sentence: str) -> None:
    with pytest.raises(WrongLinesError) as raised:
        parse(b"# keys\n" + line)
    assert str(raised.value) == f"line 2: {sentence}"


def test_a_name_stands_once() -> None:
    with pytest.raises(WrongLinesError, match=r"^line 2: the key laptop stands in the file twice; revoke it"):
        parse((LINE + b" never\n") * 2)


def test_names() -> None:
    assert all(is_name(name) for name in ("laptop", "ci.2", "anna@example.com", "x" * 64))
    assert not [name for name in ("", "two words", "-x", "ä", "x" * 65, "a/b", "laptop\n") if is_name(name)]


def test_expiry_is_written_in_utc() -> None:
    assert (expiry_written(inf), expiry_written(EXPIRY)) == ("never", "2027-01-15T08:00:00Z")


@given(st.lists(st.sampled_from([LINE, b"never", b"9999-12-31T23:59:59Z", b" ", b"\n", b"#", b"note"]) | st.binary()))
def test_whatever_a_file_holds_it_is_read_or_refused_and_read_again_the_same(parts: list[bytes]) -> None:
    try:
        keys = parse(b"".join(parts))
    except WrongLinesError as error:
        assert error.wrong  # noqa: PT017 - it may also be right
    else:
        assert parse(format_keys(keys)) == keys
