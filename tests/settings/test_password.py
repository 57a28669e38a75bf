"""The one user's password, wherever it comes from; and that it shows nowhere."""

from __future__ import annotations

import getpass
import io
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.access.secret import Secret
from webproxy.errors import SettingsError
from webproxy.net.destination import Tcp
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.model import Settings
from webproxy.settings.password import VARIABLE, bequest, from_stdin, from_terminal, with_password, with_password_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PASSWORD = "pässwörd å 🦊"
WAYS = "give --password-file FILE, set WEBPROXY_PASSWORD, or start it on a terminal to be asked"


class Stdin(io.TextIOWrapper):
    """Standard input, as a pipe or as a terminal."""

    def __init__(self, content: bytes, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(content))
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(b""))


def settings(user: str = "anna", password_file: str = "") -> Settings:
    sources = CredentialSources(user=user, password_file=password_file)
    return Settings(internal=(Tcp("127.0.0.1", 8080),), port=1, credentials=sources)


def obtained(environ: dict[str, str], password_file: str = "") -> bytes:
    credentials = with_password(settings(password_file=password_file), environ).credentials
    assert credentials is not None
    assert isinstance(credentials.password, Secret)
    assert repr(credentials.password) in repr(credentials)
    return bytes(credentials.password)


def refusal(environ: dict[str, str], given: Settings | None = None) -> str:
    with pytest.raises(SettingsError) as raised:
        with_password(given or settings(), environ)
    return str(raised.value)


def test_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    assert obtained({}, str(file)) == PASSWORD.encode()


def test_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (f"{PASSWORD}\n", PASSWORD, f"{PASSWORD}\r\n"):
        monkeypatch.setattr(sys, "stdin", Stdin(content.encode()))
        assert obtained({}, "-") == PASSWORD.encode()


def test_standard_input_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(b"one\ntwo\n"))
    with pytest.raises(SettingsError, match=r"^-: standard input holds more than one line; give it one line"):
        from_stdin("-")
    monkeypatch.setattr(sys, "stdin", Stdin(b"one\ntwo\n", terminal=True))
    assert from_stdin("-") == b"one"  # what a person types next is for somebody else


def test_from_the_variable_which_is_gone_then() -> None:
    environ = {VARIABLE: PASSWORD, "HOME": "/root"}
    assert obtained(environ) == PASSWORD.encode()
    assert environ == {"HOME": "/root"}


def test_from_a_credential_of_systemd(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    assert obtained({"CREDENTIALS_DIRECTORY": str(tmp_path)}) == PASSWORD.encode()
    assert obtained({"CREDENTIALS_DIRECTORY": str(tmp_path), VARIABLE: "stronger"}) == b"stronger"


def test_from_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return PASSWORD

    monkeypatch.setattr(sys, "stdin", Stdin(b"", terminal=True))
    monkeypatch.setattr(getpass, "getpass", ask)
    assert obtained({}) == PASSWORD.encode()
    assert asked == ["Password for anna: ", "The same once more: "]


def test_a_slip_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["one", "two"])
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(answers))
    with pytest.raises(SettingsError, match=r"^--user: the two passwords are not the same; try once more$"):
        from_terminal("anna", "--user")


@pytest.mark.parametrize("interruption", [EOFError, KeyboardInterrupt])
def test_nobody_answers(monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]) -> None:
    monkeypatch.setattr(getpass, "getpass", raising(interruption))
    with pytest.raises(SettingsError) as raised:
        from_terminal("anna", "--user")
    assert str(raised.value) == f"--user: no password was given; {WAYS}"


def test_without_a_terminal_it_is_not_asked_for() -> None:
    assert refusal({}) == f"--user: no password is given for anna; {WAYS}"


def test_two_passwords_are_one_too_many(tmp_path: Path) -> None:
    environ = {VARIABLE: "sEcReT"}
    sentence = refusal(environ, settings(password_file=str(tmp_path / "password")))
    assert sentence == "WEBPROXY_PASSWORD: is set, and --password-file is given, too; leave one of them out"
    assert not environ


@pytest.mark.parametrize(
    "credentials", [None, CredentialSources(htpasswd="/users"), CredentialSources(keys="/keys")], ids=["open", "u", "k"]
)
def test_a_password_without_a_user_is_refused(tmp_path: Path, credentials: CredentialSources | None) -> None:
    given = Settings(internal=(Tcp("127.0.0.1", 8080),), port=1, credentials=credentials)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert with_password(given, environ) is given
    (tmp_path / "password").write_text("sEcReT")
    sentence = "is a password, and no user is named; give --user NAME, too, or take it away"
    assert refusal(environ, given) == f"{tmp_path}/password: {sentence}"
    assert refusal({VARIABLE: "sEcReT"}, given) == f"{VARIABLE}: {sentence}"


def test_while_we_run_the_password_stays_and_that_of_a_file_is_read_again(tmp_path: Path) -> None:
    held = with_password(settings(), {VARIABLE: "one"})
    assert with_password_of(held, settings()) == held
    file = tmp_path / "password"
    file.write_text("one")
    given = settings(password_file=str(file))
    held = with_password(given, {})
    assert with_password_of(held, given) == held
    file.write_text("two")
    assert with_password_of(held, given) == with_password(given, {}) != held
    file.write_text("x" * 73)
    with pytest.raises(SettingsError, match="the password has 73 bytes"):
        with_password_of(held, given)


def test_while_we_run_another_user_has_no_password() -> None:
    held = with_password(settings(), {VARIABLE: "one"})
    with pytest.raises(SettingsError, match="no password is given for bert, and nobody can be asked now; give"):
        with_password_of(held, settings("bert"))
    nobody = replace(settings(), credentials=None)
    assert with_password_of(held, nobody) is nobody
    with pytest.raises(SettingsError, match="no password is given for "):
        with_password_of(nobody, settings())


@pytest.mark.parametrize(
    ("password", "what"),
    [
        ("x" * 73, "the password has 73 bytes, and bcrypt looks at the first 72 only"),
        ("sEc\tReT", "the password contains a control character, which no client can send"),
    ],
)
def test_passwords_that_cannot_be(password: str, what: str) -> None:
    assert refusal({VARIABLE: password}) == f"{VARIABLE}: {what}; choose another one"


def test_files_that_hold_none(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"sEcReT\nsEcReT\n")
    given = settings(password_file=str(file))
    assert refusal({}, given) == f"--password-file: {file} holds more than one line; leave nothing but the one in it"
    file.write_bytes(b"")
    assert refusal({}, given) == f"--password-file: {file} is empty; write one line into it"


def test_an_empty_line_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Stdin(b"\n"))
    assert refusal({}, settings(password_file="-")) == "--password-file: the password is empty; choose another one"


def raising(error: type[BaseException]) -> Callable[[str], str]:
    def ask(_prompt: str) -> str:
        raise error

    return ask


@pytest.mark.parametrize(
    ("sources", "environ", "more", "stdin"),
    [
        ({"user": "anna", "password": Secret(b"p\xc3\xa5")}, {}, {"WEBPROXY_PASSWORD": "p\u00e5"}, b""),
        ({"user": "anna", "password": Secret(b"x"), "password_file": "-"}, {}, {}, b"x\n"),
        ({"user": "anna", "password": Secret(b"x"), "password_file": "/f"}, {}, {}, b""),
        ({"user": "anna", "password": Secret(b"x")}, {"CREDENTIALS_DIRECTORY": "here"}, {}, b""),
        ({"htpasswd": "/f"}, {}, {}, b""),
        (None, {}, {}, b""),
    ],
)
def test_who_takes_our_place_finds_the_password_where_we_did(
    sources: Any, environ: dict[str, str], more: dict[str, str], stdin: bytes, tmp_path: Path
) -> None:
    if environ:
        (tmp_path / "password").write_text("x")
        environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    credentials = CredentialSources(**sources) if sources else None
    settings = Settings(internal=(Tcp("127.0.0.1", 1),), port=12345, credentials=credentials)
    assert bequest(settings, environ) == ({**environ, **more}, stdin)
    assert "WEBPROXY_PASSWORD" not in environ
