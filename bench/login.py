"""Who asks where a password is needed: one user, in a file that nginx and webproxy both read."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import bcrypt

if TYPE_CHECKING:
    from pathlib import Path

USER = b"anna"
PASSWORD = b"correct horse battery staple"
COST = 10
FIELD = b"Authorization: Basic " + b64encode(USER + b":" + PASSWORD)


def write_users(directory: Path) -> Path:
    """The file of users, made in a directory."""
    file = directory / "users"
    file.write_bytes(USER + b":" + bcrypt.hashpw(PASSWORD, bcrypt.gensalt(COST)) + b"\n")
    return file
