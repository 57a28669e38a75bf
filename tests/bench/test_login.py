"""The file of users is one that both read, and the password is in it."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

import bcrypt

from bench.login import FIELD, PASSWORD, USER, write_users
from webproxy.access.htpasswd import parse

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_with_one_user(tmp_path: Path) -> None:
    users = parse(write_users(tmp_path).read_bytes())
    assert bcrypt.checkpw(PASSWORD, users[USER])
    assert b64decode(FIELD.removeprefix(b"Authorization: Basic ")) == USER + b":" + PASSWORD
