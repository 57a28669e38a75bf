"""Where credentials come from: paths, a name, a value for the service."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.access.secret import Secret
from webproxy.settings.credentials import (
    CredentialSources,
    credential_sources,
    existing,
    one_line,
    password_file,
    upstream_authorization,
    user_name,
)
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def refusal(parse: Callable[[str], object], text: object) -> str:
    with pytest.raises(TextError) as raised:
        parse(str(text))
    return f"{raised.value.what}; {raised.value.right}"


def test_nothing_said_is_open() -> None:
    values: dict[str, Any] = {"port": 1}
    assert credential_sources(values) is None
    assert values == {"port": 1}


def test_what_is_said_is_taken_out() -> None:
    values: dict[str, Any] = {"port": 1, "user": "anna", "password-file": "-", "keys": "/k"}
    assert credential_sources(values) == CredentialSources(user="anna", password_file="-", keys="/k")
    assert values == {"port": 1}


def test_a_value_shows_no_password() -> None:
    assert "hunter2" not in repr(CredentialSources(user="anna", password=Secret(b"hunter2")))


def test_names() -> None:
    assert user_name("Änna B.") == "Änna B."
    assert refusal(user_name, "anna:hunter2") == (
        "a name has no colon in it; give the name alone; the password comes with --password-file"
    )
    assert refusal(user_name, "") == "the name is empty; give a name, as in anna"


def test_a_password_file_is_there_or_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "password"
    assert password_file("-") == "-"
    assert refusal(password_file, file) == (
        f"{file} does not exist; make it: one line with the password in it, chmod 600"
    )
    file.touch()
    assert password_file(str(file)) == str(file)


def test_files_that_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parse = existing("webproxy passwd {} USER")
    file = tmp_path / "users"
    assert refusal(parse, file) == f"{file} does not exist; make it: webproxy passwd {file} USER"
    assert refusal(parse, tmp_path) == f"{tmp_path} is a folder; give a file in it"
    assert refusal(parse, "") == "'' is no path; give a file"
    file.touch()
    monkeypatch.chdir(tmp_path)
    assert parse("users") == str(file)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert refusal(parse, file) == f"{file} cannot be read; let this user read it, or give another file"


@pytest.mark.parametrize("content", [b"Bearer abc\n", b"Bearer abc", b"Basic YTpi\r\n"])
def test_what_the_service_gets(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "authorization"
    file.write_bytes(content)
    value = upstream_authorization(str(file))
    assert value == content.strip()
    assert repr(value) == "Secret(...)"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty; write one line into it"),
        (b"\n", "is empty; write one line into it"),
        (b"Bearer abc\nBearer def\n", "holds more than one line; leave nothing but the one in it"),
        (b"sEcReT\n", "holds no scheme and a value; write both on one line, as in Bearer TOKEN"),
        (b"Bearer \n", "holds no scheme and a value; write both on one line, as in Bearer TOKEN"),
        (b"Authorization: Bearer abc\n", "holds no scheme and a value; write both on one line, as in Bearer TOKEN"),
        (b"Bearer a\x00c\n", "contains a control character; write one line of text, as in Bearer TOKEN"),
        (b"x" * 9000, "holds more than one line; leave nothing but the one in it"),
    ],
)
def test_what_it_cannot_get(tmp_path: Path, content: bytes, what: str) -> None:
    file = tmp_path / "authorization"
    file.write_bytes(content)
    assert refusal(upstream_authorization, file) == f"{file} {what}"


def test_a_file_that_goes_away_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "gone"
    assert refusal(one_line, file) == (
        f"{file} cannot be read (No such file or directory); give a file that this user may read"
    )
