"""``webproxy key``: a key is shown once, and only its hash is kept."""

from __future__ import annotations

import json
import stat
import time
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from webproxy.access.keys import digest_of, looks_like_key, parse
from webproxy.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86400


def key(*words: object) -> Result:
    return CliRunner().invoke(main, ["key", *map(str, words)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_key_is_printed_once_and_its_hash_is_kept(file: Path) -> None:
    result = key("add", "laptop", "--note", "Anna's, ä", "--expires", "90d", "--keys", file)
    assert result.exit_code == 0
    made = result.stdout.removesuffix("\n").encode()
    assert looks_like_key(made)
    assert result.stderr == f"{file}: laptop is added; the key above is not shown again\n"
    assert made not in file.read_bytes()
    assert made.decode() not in key("list", "--keys", file).output
    (kept,) = parse(file.read_bytes())
    assert (kept.name, kept.digest, kept.note) == ("laptop", digest_of(made), "Anna's, ä")
    assert kept.expires == pytest.approx(time.time() + 90 * DAY, abs=60)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_two_keys_are_the_same(file: Path) -> None:
    assert len({key("add", f"key{number}", "--keys", file).stdout for number in range(10)}) == 10


def test_keys_are_listed(file: Path) -> None:
    key("add", "laptop", "--keys", file)
    key("add", "ci", "--note", "nightly runs", "--expires", "9000-01-31", "--keys", file)
    with file.open("ab") as more:
        more.write(b"old %b 2020-01-01T00:00:00Z\n" % (b"0" * 64))
    assert key("list", "--keys", file).stdout == (
        "laptop  never expires\n"
        "ci      expires 9000-01-31T00:00:00Z   nightly runs\n"
        "old     expired 2020-01-01T00:00:00Z\n"
    )
    told = json.loads(key("list", "--json", "--keys", file).stdout)
    assert [row["name"] for row in told] == ["laptop", "ci", "old"]
    assert [row["expired"] for row in told] == [False, False, True]
    assert [row["expires"] for row in told] == [None, 221847984000, 1577836800]


def test_a_key_is_revoked(file: Path) -> None:
    key("add", "laptop", "--keys", file)
    key("add", "ci", "--keys", file)
    assert key("revoke", "laptop", "--keys", file).stdout == f"{file}: laptop is revoked\n"
    assert [one.name for one in parse(file.read_bytes())] == ["ci"]
    key("revoke", "ci", "--keys", file)
    assert key("list", "--keys", file).stdout == ""


def test_without_a_file_it_is_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(tmp_path / "new"))
    assert key("list").stderr.startswith(f"webproxy: {tmp_path}/new/keys: cannot be read: No such file")
    assert key("add", "laptop").exit_code == 0
    assert [one.name for one in parse((tmp_path / "new" / "keys").read_bytes())] == ["laptop"]
    assert key("list").stdout == "laptop  never expires\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add", "two words"], "NAME: 'two words' is not a name for a key; write letters, digits and . _ - @,"),
        (["add", "laptop"], "{}: there is a key called laptop; revoke it, or choose another name"),
        (["add", "x", "--expires", "soon"], "--expires: 'soon' is not a time; write 12h, 90d or 8w from now on,"),
        (["add", "x", "--note", "a\nb"], "--note: contains a control character; write one line of text"),
        (["revoke", "labtop"], "{}: there is no key called 'labtop'; did you mean laptop?"),
        (["revoke", "zebra"], "{}: there is no key called 'zebra'; webproxy key list shows those there are"),
    ],
)
def test_what_is_refused(file: Path, words: list[str], sentence: str) -> None:
    key("add", "laptop", "--keys", file)
    before = file.read_bytes()
    result = key(*words, "--keys", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"webproxy: {sentence.format(file)}")
    assert file.read_bytes() == before


def test_a_damaged_file_is_not_written_over(file: Path) -> None:
    file.write_bytes(b"# keys\nwhat is this\n")
    sentence = f"webproxy: {file}:2: is not a key: name, hash, expiry and note; add keys with webproxy key add\n"
    for words in (["add", "x"], ["list"], ["revoke", "x"]):
        assert key(*words, "--keys", file).stderr == sentence
    assert file.read_bytes() == b"# keys\nwhat is this\n"


def test_nothing_is_made_by_revoking(file: Path) -> None:
    assert key("revoke", "x", "--keys", file).exit_code == 2
    assert not file.exists()
