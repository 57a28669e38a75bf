"""A settings file is read as a whole, or refused with the line that is wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from webproxy.errors import SettingsError
from webproxy.settings.document import LARGEST, parse_document, read_document

if TYPE_CHECKING:
    from pathlib import Path


def refusal(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        read_document(path)
    return str(caught.value)


def test_values_and_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(b'port = 1\r\n[timeout]\r\nlong = "20m"\r\n')
    document = read_document(file)
    assert document.values == {"port": 1, "timeout": {"long": "20m"}}
    assert document.address("timeout", "long") == f"{file}:3: timeout.long"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("drain = 5s", 'a:1: is not TOML: Expected newline or end of document after a statement; write drain = "5s"'),
        ("on-disconnect = drain # x\n", 'a:1: is not TOML: Invalid value; write on-disconnect = "drain"'),
        ("a = 1\na = 2\n", "a:2: is not TOML: Cannot overwrite a value; look at column 6; a line is: key = value"),
        ("just words\n", "a:1: is not TOML: Expected '=' after a key in a key/value pair; look at column 6;"),
        ('a = "x', "a:1: is not TOML: "),
        ("trust = [1,\n", "a:2: is not TOML: "),
    ],
)  # fmt: skip
def test_what_is_not_toml_is_told_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_document("a", text)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_nesting_beyond_reason() -> None:
    with pytest.raises(SettingsError, match="nested too deeply"):
        parse_document("a", "a = " + "[" * 100_000)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.toml").startswith(f"{tmp_path}/no.toml: there is no such file; ")
    assert refusal(tmp_path).startswith(f"{tmp_path}: cannot be read: Is a directory; ")
    (tmp_path / "latin.toml").write_bytes('port = 1\nb = "ä"\n'.encode("latin-1"))
    assert refusal(tmp_path / "latin.toml") == f"{tmp_path}/latin.toml:2: is not UTF-8; save the file as UTF-8"
    with (tmp_path / "large.toml").open("wb") as file:
        os.truncate(file.fileno(), LARGEST + 1)
    assert refusal(tmp_path / "large.toml").startswith(f"{tmp_path}/large.toml: is larger than a mebibyte")
