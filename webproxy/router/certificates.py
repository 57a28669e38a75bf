"""The certificate from files: read at the start, and again when they change.

Rule of this file: what new handshakes use; connections keep what they began with. Files that cannot be used leave what
was there before in place, and are named in the log, once for each change.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from twisted.logger import Logger

from webproxy.errors import StartError
from webproxy.net.tls import Context, server_context

if TYPE_CHECKING:
    from pathlib import Path

log = Logger()

Stamp = tuple[tuple[int, int, int], ...]


class Certificates:
    """One certificate chain and its key.

    :param certificate: its file, PEM, the machine's own certificate first.
    :param key: the key's.
    :raises StartError: they cannot be used.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self.files = (certificate, key)
        try:
            self._stamp = self._look()
            self._context = _read(certificate, key)
        except _UNUSABLE as error:
            raise StartError(self._unusable(error), "give a certificate chain and its key, both PEM") from error

    def __repr__(self) -> str:
        return f"<Certificates {self.files[0]}>"

    def context(self, _label: str = "") -> Context:
        """Give what a handshake uses now."""
        return self._context

    def refresh(self) -> bool:
        """Read the files if they have changed; whether there is another certificate now."""
        try:
            stamp = self._look()
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            self._context = _read(*self.files)
        except _UNUSABLE as error:
            if self._stamp:
                log.error("{why}; the one before stays in use", why=self._unusable(error))  # noqa: TRY400 - the operator's fault
            if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
                self._stamp = ()  # told; when they are there again, they have changed
            return False
        log.info("the certificate {file} has been read anew", file=str(self.files[0]))
        return True

    def _look(self) -> Stamp:
        return tuple((found.st_mtime_ns, found.st_size, found.st_ino) for found in (file.stat() for file in self.files))

    def _unusable(self, error: Exception) -> str:
        certificate, key = self.files
        if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
            return f"the certificate {certificate} with the key {key} cannot be read: {error.strerror}"
        return f"the certificate {certificate} and the key {key} are none, or do not belong together"


_UNUSABLE = (OSError, ssl.SSLError, ValueError)


def _read(certificate: Path, key: Path) -> Context:
    """Read both files; the portable context is made now as well, and once, as the files may change."""
    context = server_context(certificate, key)
    portable = context.portable()
    return Context(context.native, lambda: portable)
