"""Texts of settings files: new ones mean what was asked for; in an operator's everything else stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.errors import SettingsError
from webproxy.instances.written import assignments, changed, new_text
from webproxy.settings.document import parse_document
from webproxy.settings.from_files import said_in
from webproxy.settings.options import BY_NAME
from webproxy.settings.settle import Given
from webproxy.settings.words import read_words

MINE = """\
# My GPU.
internal = 8080   # Ollama

# Slow clients in Oslo.
min-upload-rate = "10kB/s"
trust = [
    "10.0.0.0/8",  # the office
]

[timeout]
long = "10m"  # models are slow to load

[policy.timeout]
"""


def written(text: str, *words: str) -> str:
    return changed(text, assignments(words))


def said(text: str) -> dict[str, Given]:
    read = said_in(parse_document("12345.toml", text), Path("12345.toml"))
    assert not read.wrong
    return read.given


def test_a_new_file_says_what_was_asked_for() -> None:
    words = ["--internal", "8080", "--port", "12345", "--trust", "10.0.0.0/8", "--trust", "::1", "--drain", "5m"]
    words += ["--policy", "timeout:long=20m", "--max-connections", "0100", "--public-url", 'https://a"b\\c']
    text = new_text(12345, read_words(words))
    assert text.startswith("# An instance of webproxy: the service on port 12345.")
    assert "internal = 8080\n" in text
    assert "port =" not in text
    assert {name: one.texts for name, one in said(text).items()} == {
        name: one.texts for name, one in read_words(words).items()
    }


@given(st.text(min_size=1), st.sampled_from(["internal", "access-log", "public-url"]))
def test_any_text_is_read_as_it_was_written(text: str, name: str) -> None:
    document = new_text(12345, {name: Given((text,), "--x")})
    if "\r" not in text:  # TOML's own reader takes CR LF for LF
        assert said(document)[name].texts == (text,)


def test_what_was_not_changed_stays_as_it_was() -> None:
    after = written(MINE, "internal=9090")
    assert after == MINE.replace("8080", "9090")
    assert written(MINE, "timeout.long=20m") == MINE.replace('"10m"', '"20m"')
    assert written(MINE, "internal=8080", "timeout.long=10m", "trust=10.0.0.0/8") != ""
    assert written(MINE, "internal=8080", "timeout.long=10m") == MINE


def test_a_new_key_stands_before_the_tables() -> None:
    after = written(MINE, "drain=5m", "max-connections=7")
    assert said(after)["drain"].texts == ("5m",)
    assert said(after)["max-connections"].texts == ("7",)
    assert [line for line in after.splitlines() if line not in MINE.splitlines()] == [
        'drain = "5m"',
        "max-connections = 7",
    ]


def test_a_list_is_what_is_given_several_times() -> None:
    assert said(written(MINE, "trust=10.0.0.0/8", "trust=::1"))["trust"].texts == ("10.0.0.0/8", "::1")
    assert said(written(MINE, "trust=::1"))["trust"].texts == ("::1",)


def test_nothing_takes_a_key_away() -> None:
    after = written(MINE, "min-upload-rate=", "timeout.long=", "drain=", "timeout.websocket=", "policy.queue.x=")
    assert "min-upload-rate" not in said(after)
    assert said(after)["timeout"].texts == ("",)
    assert "# Slow clients in Oslo." in after


def test_keys_inside_of_others_make_their_tables() -> None:
    after = written("internal = 8080\n", "policy.queue.slots=2", "policy.queue.wait=5m", "timeout.long=20m")
    assert said(after)["policy"].texts == ("queue:slots=2,wait=5m",)
    assert said(after)["timeout"].texts == ("long=20m",)


def test_a_table_may_become_a_text() -> None:
    after = written(MINE, "timeout=long=20m,download=1h", "policy=timeout")
    assert said(after)["timeout"].texts == ("long=20m,download=1h",)
    assert said(after)["policy"].texts == ("timeout",)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["drain"], "drain: is no assignment; write drain=value, or drain= for the default"),
        (["dran=5m"], "dran: there is no such setting; did you mean drain?"),
        (["port=1"], "port: is the instance's name; webproxy add makes an instance on another port,"),
        (["drain=1s", "drain=2s"], "drain: is given twice; give it once"),
        (["trust=", "trust=::1"], "trust: is given twice; give it once"),
        (["drain.x=1"], "drain.x: there is no such key; write drain=value"),
        (["timeout.a.b=1"], "timeout.a.b: there is no such key; write timeout.long=20m"),
        (["policy.queue=1"], "policy.queue: there is no such key; write policy=NAME or policy.NAME.key=value"),
        (["cert=a.pem"], "cert: webproxy takes no certificate"),
        (["=x"], ": there is no such setting"),
    ],
)
def test_what_is_no_assignment_is_refused(words: list[str], sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        assignments(words)
    assert str(caught.value).startswith(sentence)


def test_a_key_inside_of_what_is_no_table_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^timeout: is not a table in the file; write timeout=\.\.\., or change"):
        written('timeout = "long=20m"\n', "timeout.long=5m")


@given(st.lists(st.sampled_from(sorted(BY_NAME.keys() - {"port"})), min_size=1, unique=True), st.data())
def test_a_change_changes_what_it_says_and_nothing_else(names: list[str], data: st.DataObject) -> None:
    words = [f"{name}={data.draw(st.sampled_from(['', '5m', '7', 'timeout']))}" for name in names]
    before, after = said(MINE), said(written(MINE, *words))
    for name, word in zip(names, words, strict=True):
        text = word.partition("=")[2]
        assert after.get(name, Given((), "")).texts == ((text,) if text else ())
    for name in before.keys() - set(names):
        assert after[name].texts == before[name].texts
