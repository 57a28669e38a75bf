"""Where it is written who may come in: ``--user`` with a password, or ``--htpasswd``, and ``--keys``.

Rule of this file: a value; what the files hold is read by whoever guards the chain, again and again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webproxy.access.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSources:
    """Where credentials come from; at least one of user, htpasswd and keys.

    :param user: the name of the one user; empty: there is none of this kind.
    :param password: of that user; None until it has been obtained.
    :param password_file: where that is written: the absolute path of a file, ``-`` for standard input, or empty.
    :param htpasswd: the absolute path of a file of users, or empty.
    :param keys: the absolute path of a file of API keys, or empty.
    """

    user: str = ""
    password: Secret | None = None
    password_file: str = ""
    htpasswd: str = ""
    keys: str = ""
