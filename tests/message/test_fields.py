"""Fields are kept as they came; everything else is a view."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.message.fields import Fields, tokens

NAMES = st.text("abcXYZ-_", min_size=1, max_size=6).map(str.encode)
PAIRS = st.lists(st.tuples(NAMES, st.binary(max_size=8)), max_size=8)


def test_order_repetition_and_case_are_kept() -> None:
    pairs = ((b"Set-Cookie", b"a=1"), (b"X", b"1"), (b"set-cookie", b"b=2"))
    assert Fields(pairs).pairs == pairs
    assert list(Fields(pairs)) == list(pairs)
    assert len(Fields(pairs)) == 3


def test_rfc9110_5_1_names_are_case_insensitive() -> None:
    fields = Fields([(b"X-ONE", b"1")])
    assert fields.get(b"x-one") == b"1"
    assert b"x-one" in fields
    assert b"x-two" not in fields
    assert fields.get(b"x-two") is None


def test_rfc9110_5_3_repeated_values_are_joined_in_their_order() -> None:
    fields = Fields([(b"Accept", b"a"), (b"X", b"1"), (b"accept", b"b"), (b"ACCEPT", b"c")])
    assert fields.combined == {b"accept": b"a, b, c", b"x": b"1"}
    assert fields.get_all(b"accept") == [b"a", b"b", b"c"]
    assert fields.get_all(b"y") == []


def test_while_nothing_repeats_combined_has_the_order_received() -> None:
    assert list(Fields([(b"B", b""), (b"A", b""), (b"C", b"")]).combined) == [b"b", b"a", b"c"]


def test_fields_are_values() -> None:
    one, same, other = Fields([(b"A", b"1")]), Fields([(b"A", b"1")]), Fields([(b"a", b"1")])
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != [(b"A", b"1")]


def test_what_is_secret_is_not_shown() -> None:
    secrets = (b"Authorization", b"Proxy-Authorization", b"COOKIE", b"Set-Cookie", b"X-API-Key")
    shown = repr(Fields([*((name, b"Basic eDp5") for name in secrets), (b"Accept", b"*/*")]))
    assert "eDp5" not in shown
    assert all(name.decode() in shown for name in secrets)
    assert "(b'Accept', b'*/*')" in shown


@given(PAIRS)
def test_every_view_agrees_with_what_was_received(pairs: list[tuple[bytes, bytes]]) -> None:
    fields = Fields(iter(pairs))
    for name in {name.lower() for name, _ in pairs}:
        values = [value for received, value in pairs if received.lower() == name]
        assert fields.get_all(name) == values
        assert fields.get(name) == b", ".join(values)
    assert set(fields.combined) == {name.lower() for name, _ in pairs}


def test_rfc9110_5_6_1_a_list_has_optional_whitespace_and_empty_members() -> None:
    assert tokens(b"") == []
    assert tokens(b" , ,\t,") == []
    assert tokens(b"close") == [b"close"]
    assert tokens(b"Keep-Alive,\tUpgrade , ,TE") == [b"keep-alive", b"upgrade", b"te"]


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ([(b"A", b"1"), (b"Cookie", b"x"), (b"b", b"2")], [(b"A", b"1"), (b"b", b"2")]),
        ([(b"Cookie", b"x"), (b"A", b"1"), (b"cookie", b"y")], [(b"A", b"1")]),
        ([(b"A", b"1"), (b"Cookie", b"x"), (b"a", b"2")], [(b"A", b"1"), (b"a", b"2")]),
        ([(b"Cookie", b"x")], []),
    ],
)
def test_one_is_left_out_wherever_it_stands(lines: list[tuple[bytes, bytes]], left: list[tuple[bytes, bytes]]) -> None:
    fields = Fields(lines)
    without = fields.without(b"cookie")
    assert without == Fields(left)
    assert list(without.combined.items()) == list(Fields(left).combined.items())
    assert fields == Fields(lines)
    assert without.without(b"cookie") is without


def test_a_field_with_another_value_keeps_its_place_and_its_name() -> None:
    before = Fields([(b"A", b"1"), (b"Cookie", b"x"), (b"B", b"2")])
    after = before.replaced(b"cookie", b"y")
    assert after.pairs == ((b"A", b"1"), (b"Cookie", b"y"), (b"B", b"2"))
    assert after.combined == Fields(after.pairs).combined
    assert before.combined[b"cookie"] == b"x"


def test_lines_of_a_field_that_does_not_repeat_beside_one_that_does() -> None:
    fields = Fields([(b"A", b"1"), (b"B", b"2"), (b"a", b"3")])
    assert (fields.get_all(b"a"), fields.get_all(b"b"), fields.get_all(b"c")) == ([b"1", b"3"], [b"2"], [])
    assert Fields([(b"Set-Cookie", b"x")]).get_all(b"set-cookie") == [b"x"]
