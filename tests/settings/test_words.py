"""The grammar of the command line."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.errors import SettingsError
from webproxy.settings.settle import Given
from webproxy.settings.words import read_words


def test_name_and_value_stand_apart_or_joined() -> None:
    said = read_words(["--internal", "8080", "--port=12345", "--access-log", "-", "--timeout=default=1s"])
    assert said == {
        "internal": Given(("8080",), "--internal"),
        "port": Given(("12345",), "--port"),
        "access-log": Given(("-",), "--access-log"),
        "timeout": Given(("default=1s",), "--timeout"),
    }


def test_nothing_said() -> None:
    assert read_words([]) == {}


def test_a_repeatable_option_keeps_its_order() -> None:
    assert read_words(["--listen", "::1", "--listen=127.0.0.1"]) == {"listen": Given(("::1", "127.0.0.1"), "--listen")}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--port", "1", "--port", "2"], "--port: given twice (1 and 2); give it once"),
        (["--port"], "--port: no value is given; write --port 12345"),
        (["--drain", "--port", "1"], "--drain: no value is given; write --drain DURATION"),
        (["--prot", "1"], "--prot: there is no such option; did you mean --port?"),
        (["-internal", "1"], "-internal: there is no such option; write it --internal"),
        (["8080"], "'8080': an option must stand before this word; did you mean --internal 8080?"),
        (["--port", "1", "-"], "'-': an option must stand before this word; did you mean --internal -?"),
    ],
)
def test_refuses(words: list[str], sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_words(words)
    assert str(caught.value) == sentence


@given(st.lists(st.text() | st.sampled_from(["--port", "--listen", "--internal=1", "--", "-"])))
def test_any_words_are_read_or_refused(words: list[str]) -> None:
    with suppress(SettingsError):  # and no other error
        assert all(given.where == f"--{name}" for name, given in read_words(words).items())
