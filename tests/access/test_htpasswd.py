"""Files of users: bcrypt, and sentences for everything else."""

from __future__ import annotations

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.access.htpasswd import LONGEST_NAME, parse, shown, with_user, wrong_name
from webproxy.access.wrong_lines import WrongLinesError

REST = b"$10$" + b"K" * 21 + b"e" + b"w" * 30 + b"e"
HASH = b"$2b" + REST


def wrong(data: bytes) -> list[str]:
    with pytest.raises(WrongLinesError) as raised:
        parse(data, "/etc/webproxy/users")
    return str(raised.value).splitlines()


def test_users_by_name() -> None:
    data = b"# who may come in\n\nanna:$2a" + REST + b"\n  bj\xc3\xb6rn:$2b" + REST + b"\r\ncarl:$2y" + REST
    assert parse(data) == {b"anna": b"$2a" + REST, "björn".encode(): HASH, b"carl": b"$2y" + REST}
    assert parse(b"") == {}


def test_what_bcrypt_writes_can_be_read() -> None:
    kept = bcrypt.hashpw(b"secret", bcrypt.gensalt(4))
    assert parse(b"anna:" + kept) == {b"anna": kept}


@pytest.mark.parametrize(
    ("kept", "what"),
    [
        (b"$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", "anna's password is kept as MD5, and only bcrypt is safe enough"),
        (b"$1$r31.....$HqJZimcKQFAMYayBlzkrA/", "anna's password is kept as MD5, and only bcrypt is safe enough"),
        (b"{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", "anna's password is kept as SHA-1, and only bcrypt is safe enough"),
        (b"{SSHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", "anna's password is kept as SHA-1, and only bcrypt is safe enough"),
        (b"$5$salt$abc", "anna's password is kept as SHA-256, and only bcrypt is safe enough"),
        (b"$6$salt$abc", "anna's password is kept as SHA-512, and only bcrypt is safe enough"),
        (b"$y$j9T$abc", "anna's password is kept as yescrypt, and only bcrypt is safe enough"),
        (b"$argon2id$v=19$abc", "anna's password is kept as Argon2, and only bcrypt is safe enough"),
        (b"$7$CU..../....abc", "anna's password is kept as scrypt, and only bcrypt is safe enough"),
        (
            b"$2x" + REST,
            "anna's password is kept as bcrypt with a known mistake in it ($2x$), and only bcrypt is safe enough",
        ),
        (b"rqXexS6ZhobKA", "anna's password is not kept as bcrypt"),
        (b"", "anna has no password"),
        (HASH[:-1], "the bcrypt hash of anna is damaged: it is 60 characters long, and nothing follows it"),
        (HASH + b":1000", "the bcrypt hash of anna is damaged: it is 60 characters long, and nothing follows it"),
        (HASH.replace(b"$10$", b"$16$"), "the bcrypt cost of anna's password is 16, not 4 to 15"),
        (HASH.replace(b"$10$", b"$03$"), "the bcrypt cost of anna's password is 3, not 4 to 15"),
    ],
)
def test_other_hashes_are_refused_with_the_command_that_mends_them(kept: bytes, what: str) -> None:
    expected = f"line 2: {what}; set it anew: webproxy passwd /etc/webproxy/users anna"
    assert wrong(b"# users\nanna:" + kept) == [expected]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"hunter2", "line 1: is not name:hash; write users with webproxy passwd"),
        (b":" + HASH, "line 1: names nobody; write a name before the colon"),
        (b"bj\xf6rn:" + HASH, "line 1: has a name that is not UTF-8; save the file as UTF-8"),
        (b"a\tb:" + HASH, "line 1: has a name that contains a control character; give the user another name"),
    ],
)
def test_lines_that_name_nobody(line: bytes, sentence: str) -> None:
    assert wrong(line) == [sentence]


def test_a_name_stands_once() -> None:
    line = b"anna:" + HASH + b"\n"
    assert wrong(line * 2) == ["line 2: anna stands in the file twice; remove one of the two lines"]


def test_everything_is_told_in_one_run() -> None:
    assert [sentence.partition(":")[0] for sentence in wrong(b"a\n\nb:\nc:" + HASH + b"\nd")] == [
        "line 1",
        "line 3",
        "line 5",
    ]


@given(st.binary())
def test_nothing_that_a_file_holds_is_shown_beyond_a_name(data: bytes) -> None:
    try:
        parse(b"anna:sEcReT" + data.replace(b"\n", b"") + b"\nsEcReT")
    except WrongLinesError as error:
        assert "sEcReT" not in str(error)  # noqa: PT017 - it may also be right


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("anna", None),
        ("Anna Müller 🦊", None),
        ("", "is empty"),
        (" anna", "begins or ends with a space"),
        ("an:na", "contains a colon, which ends a name"),
        ("an\nna", "contains a control character"),
        ("an\u2028na", "contains a control character"),
        ("an\udcf6na", "contains a control character"),
        ("#anna", "begins with #, as a remark does"),
        ("ä" * 128, f"has more than {LONGEST_NAME} bytes"),
    ],
)
def test_names(name: str, fault: str | None) -> None:
    assert wrong_name(name) == fault


def test_a_name_that_cannot_be_printed_is_escaped() -> None:
    assert shown("björn".encode()) == "björn"
    assert shown(b"bj\xf6rn") == "bj\\xf6rn"
    assert shown(b"a\x1b[31m") == "'a\\x1b[31m'"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"anna:NEW\n"),
        (b"# users\nbert:x", b"# users\nbert:x\nanna:NEW\n"),
        (b"bert:x\n\n", b"bert:x\n\nanna:NEW\n"),
        (b"anna:old\nbert:x\n", b"anna:NEW\nbert:x\n"),
        (b" anna:old\nbert:x\nanna:older\n# end\n", b"anna:NEW\nbert:x\n# end\n"),
        (b"annabel:x\n#anna:x\n", b"annabel:x\n#anna:x\nanna:NEW\n"),
    ],
)
def test_a_user_set_anew(before: bytes, after: bytes) -> None:
    assert with_user(before, b"anna", b"NEW") == after
