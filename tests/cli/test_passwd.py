"""``webproxy passwd``: a password comes in from a terminal or a pipe, and only its hash goes into the file."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import bcrypt
import pytest
from click.testing import CliRunner, Result

from webproxy.access.htpasswd import COST, parse
from webproxy.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "pässwörd å 🦊"


def passwd(file: Path, *words: str, stdin: str = f"{PASSWORD}\n") -> Result:
    return CliRunner().invoke(main, ["passwd", str(file), *words], input=stdin)


def test_a_user_is_added_and_set_anew(tmp_path: Path) -> None:
    file = tmp_path / "users"
    result = passwd(file, "anna")
    assert (result.exit_code, result.output) == (0, f"{file}: the password of anna is set\n")
    first = parse(file.read_bytes())[b"anna"]
    assert first.startswith(b"$2b$%d$" % COST)
    assert bcrypt.checkpw(PASSWORD.encode(), first)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    passwd(file, "björn")
    passwd(file, "anna", stdin="another")
    users = parse(file.read_bytes())
    assert list(users) == [b"anna", "björn".encode()]
    assert bcrypt.checkpw(b"another", users[b"anna"])


def test_other_lines_stay_and_those_that_are_wrong_are_told(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_bytes(b"# ours\nbert:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=\nanna:plain\n")
    result = passwd(file, "anna")
    assert result.exit_code == 0
    assert result.stderr == (
        f"{file}:2: bert's password is kept as SHA-1, and only bcrypt is safe enough; "
        f"set it anew: webproxy passwd {file} bert\n"
    )
    passwd(file, "bert")
    assert list(parse(file.read_bytes())) == [b"bert", b"anna"]
    assert file.read_bytes().startswith(b"# ours\n")


@pytest.mark.parametrize(
    ("words", "stdin", "sentence"),
    [
        (["anna"], "x" * 73, "passwd: the password has 73 bytes, and bcrypt looks at the first 72 only; choose"),
        (["anna"], "🦊" * 19, "passwd: the password has 76 bytes, and bcrypt looks at the first 72 only; choose"),
        (["anna"], "", "passwd: the password is empty; choose another one"),
        (["anna"], "a\nb\n", "passwd: standard input holds more than one line; give it one line, the password"),
        (["an:na"], "x", "USER: the name contains a colon, which ends a name; choose another name"),
        (["anna", "hunter2"], "x", "passwd: a password is not taken as a word: every user of this machine can read it"),
        ([], "x", "Missing argument 'USER'."),
    ],
)
def test_what_is_refused(tmp_path: Path, words: list[str], stdin: str, sentence: str) -> None:
    result = passwd(tmp_path / "users", *words, stdin=stdin)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"webproxy: {sentence}")
    assert "hunter2" not in result.output
    assert not list(tmp_path.iterdir())


def test_on_a_terminal_it_is_asked_for_twice_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "users"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from webproxy.cli.main import main; main()", "passwd", str(file), "anna"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    shown = b""
    for prompt in (b"Password for anna: ", b"The same once more: "):
        while not shown.endswith(prompt):
            shown += os.read(ours, 100)
        os.write(ours, f"{PASSWORD}\n".encode())
    assert process.wait(60) == 0
    shown += os.read(ours, 1000)
    os.close(ours)
    assert b"is set" in shown
    assert PASSWORD.encode() not in shown
    assert bcrypt.checkpw(PASSWORD.encode(), parse(file.read_bytes())[b"anna"])
