"""Paths that a setting names: ``--access-log``, ``--admin-token-file``.

Rule of this file: text -> path, looked at but never opened or created; whoever uses it opens it.
"""

from __future__ import annotations

import os
from pathlib import Path

from webproxy.settings.wrong import TextError


def access_log(text: str) -> str:
    """Read where the access log goes.

    :returns: ``-``, ``none``, or an absolute path: a daemon changes its working directory.
    :raises TextError: no folder to hold it, not a file, or not writable for this user.
    """
    if text in ("-", "none"):
        return text
    if not text or "\0" in text:
        raise TextError(f"{text!r} is no path", "give a file, - for standard output, or none")
    path = Path(text).absolute()
    try:
        _check_writable(path)
    except OSError as error:
        raise TextError(
            f"{path} cannot be reached ({error.strerror})", "give a file that this user may write"
        ) from None
    return str(path)


def _check_writable(path: Path) -> None:
    """Look whether ``path`` can be written or created.

    :raises TextError: it cannot.
    :raises OSError: the system does not let us look.
    """
    if not path.parent.is_dir():
        raise TextError(f"the folder {path.parent} does not exist", "create it, or give a file in another")
    if path.is_dir():
        raise TextError(f"{path} is a folder", "give a file in it, such as access.log")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise TextError(f"{path} cannot be written", "give a file that this user may write")


def readable_file(text: str) -> str:
    """Read which file holds something; an empty text is no file.

    :returns: an absolute path: a daemon changes its working directory.
    :raises TextError: there is no such file, or this user may not read it.
    """
    if not text:
        return ""
    path = Path(text).absolute()
    if not path.is_file():
        raise TextError(f"there is no file {path}", "give one that holds it")
    if not os.access(path, os.R_OK):
        raise TextError(f"{path} cannot be read", "give a file that this user may read")
    return str(path)
