"""The certificate from files: read at the start, and again when they change.

Rule of this file: what new handshakes use; connections keep what they began with. Files that cannot be used leave what
was there before in place, and are named in the log, once for each change.
"""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from OpenSSL import SSL
from twisted.logger import Logger

from webproxy.errors import StartError
from webproxy.net.tls import Context, server_context
from webproxy.router.acme.status import CertificateStatus, state_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = Logger()

TICKETS = 12 * 3600.0
"""Seconds for which the keys of session tickets are used: neither ssl nor pyOpenSSL can set them, so contexts are made
anew."""

Stamp = tuple[tuple[int, int, int], ...]


class Read(NamedTuple):
    """A certificate that can be used.

    :ivar context: for handshakes.
    :ivar names: what it is for.
    :ivar span: from when until when it is good, seconds since the epoch.
    """

    context: Context
    names: tuple[str, ...]
    span: tuple[float, float]


class Certificates:
    """One certificate chain and its key.

    :param certificate: its file, PEM, the machine's own certificate first.
    :param key: the key's.
    :param clock: seconds that nobody sets.
    :raises StartError: they cannot be used.
    """

    def __init__(self, certificate: Path, key: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.files = (certificate, key)
        self._clock = clock
        self._since = clock()
        self._trouble = ""
        try:
            self._stamp = self._look()
            self._held = read(certificate, key)
        except _UNUSABLE as error:
            raise StartError(self._unusable(error), "give a certificate chain and its key, both PEM") from error

    def __repr__(self) -> str:
        return f"<Certificates {self.files[0]}>"

    def context(self, _label: str = "") -> Context:
        """Give what a handshake uses now."""
        return self._held.context

    def status(self, now: float) -> CertificateStatus:
        """Tell how it stands: whoever puts files there renews them, too.

        :param now: seconds since the epoch.
        """
        state = state_of(now, self._held.span, under_way=False, failing=bool(self._trouble))
        why = self._trouble
        if not why and state != "active":
            why = "it has ended" if state == "failed" else "it ends soon, and nobody has put another one in its place"
        return CertificateStatus(self._held.names, state, *self._held.span, None, why)

    def statuses(self, now: float) -> list[CertificateStatus]:
        """As :meth:`status`, for whoever does not know that there is one only."""
        return [self.status(now)]

    def renew(self, name: str = "") -> bool:
        """Read the files again; whether they are of this name, or of any if it is empty."""
        if name and name not in self._held.names:
            return False
        self.refresh()
        return True

    def refresh(self) -> bool:
        """Read the files if they have changed, or ticket keys are old; whether there is another certificate now."""
        try:
            stamp = self._look()
            if stamp == self._stamp:
                if not self._trouble and self._clock() - self._since >= TICKETS:
                    self._since = self._clock()
                    self._held = read(*self.files)
                return False
            self._stamp = stamp
            self._held = read(*self.files)
            self._since = self._clock()
        except _UNUSABLE as error:
            if self._stamp:
                self._trouble = f"{self._unusable(error)}; the one before stays in use"
                log.error("{why}", why=self._trouble, kind="certificate-unusable")  # noqa: TRY400 - the operator's fault
            if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
                self._stamp = ()  # told; when they are there again, they have changed
            return False
        self._trouble = ""
        log.info("the certificate {file} has been read anew", file=str(self.files[0]), kind="certificate-read")
        return True

    def stop(self) -> None:
        """Nothing is under way."""

    def _look(self) -> Stamp:
        return tuple((found.st_mtime_ns, found.st_size, found.st_ino) for found in (file.stat() for file in self.files))

    def _unusable(self, error: Exception) -> str:
        certificate, key = self.files
        if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
            return f"the certificate {certificate} with the key {key} cannot be read: {error.strerror}"
        return f"the certificate {certificate} and the key {key} are none, or do not belong together"


_UNUSABLE = (OSError, ssl.SSLError, SSL.Error, ValueError)


def read(certificate: Path, key: Path) -> Read:
    """Read both files; the portable context is made now as well, and once, as the files may change.

    :raises OSError: a file cannot be read.
    :raises ssl.SSLError: they are no certificate and key, or do not belong together.
    :raises ValueError: as well; or OpenSSL's own error.
    """
    context = server_context(certificate, key)
    portable = context.portable()
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    span = found.not_valid_before_utc.timestamp(), found.not_valid_after_utc.timestamp()
    return Read(Context(context.native, lambda: portable), names_of(found), span)


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Give the DNS names that a certificate is for (RFC 9525 §4.1: no others count)."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(found.value.get_values_for_type(x509.DNSName))
