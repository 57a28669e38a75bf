"""The log in systemd's journal, with fields: ``journalctl WEBPROXY_KIND=upgrade-failed``.

Rule of this file: events of twisted.logger out, as datagrams of the journal's native protocol
(systemd.io/JOURNAL_NATIVE_PROTOCOL), and never a wait for who reads them. The other way, a priority in front of each
line (sd-daemon(3)), carries neither fields nor a traceback in one entry.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from typing import TYPE_CHECKING, Any

from twisted.logger import ILogObserver, LogLevel, eventAsText
from zope.interface import implementer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twisted.logger import LogEvent

SOCKET = "/run/systemd/journal/socket"
LONGEST = 100_000
"""Characters of a message: a datagram of twice as many bytes passes by the kernel's default buffers."""

#: Syslog's priorities (RFC 5424 section 6.2.1).
_PRIORITIES = {LogLevel.debug: 7, LogLevel.info: 6, LogLevel.warn: 4, LogLevel.error: 3, LogLevel.critical: 2}
_NO_NAME = re.compile(r"[^A-Z0-9]+")


def goes_there(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether systemd has given us its journal as standard output or error (systemd.exec(5), JOURNAL_STREAM)."""
    said = environ.get("JOURNAL_STREAM", "")
    for descriptor in (1, 2):
        try:
            status = os.fstat(descriptor)
        except OSError:
            continue
        if said == f"{status.st_dev}:{status.st_ino}":
            return True
    return False


def words(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Give the words that have twistd log to the journal; none where nobody reads it."""
    return [f"--logger={observer.__module__}.{observer.__name__}"] if goes_there(environ) else []


@implementer(ILogObserver)
class Journal:
    """Writes events down in the journal.

    :param address: of the journal's socket.
    :ivar lost: messages that it did not take since the last that it took.
    """

    def __init__(self, address: str = SOCKET) -> None:
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self.lost = 0

    def __repr__(self) -> str:
        return f"<Journal at {self._address}, {self.lost} lost>"

    def __call__(self, event: LogEvent) -> None:
        """Write one down; what is refused is told on standard error, what finds the journal full is counted."""
        fields = fields_of(event)
        if self.lost:
            fields["WEBPROXY_LOST"] = str(self.lost)
        try:
            self._socket.sendto(datagram(fields), self._address)
            self.lost = 0
        except BlockingIOError:
            self.lost += 1
        except OSError:
            sys.__stderr__ and sys.__stderr__.write(f"<{fields['PRIORITY']}>{' '.join(fields['MESSAGE'].split())}\n")

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()


def fields_of(event: LogEvent) -> dict[str, str]:
    """Give the journal's fields of an event. Of what it carries, numbers and texts: objects may hold anything."""
    level = event.get("log_level")
    fields = {
        "MESSAGE": eventAsText(event, includeTimestamp=False, includeSystem=False)[:LONGEST],
        "PRIORITY": str(_PRIORITIES.get(level, 6)),
        "SYSLOG_IDENTIFIER": "webproxy",
        "WEBPROXY_LOGGER": str(event.get("log_namespace", "")),
    }
    for name, value in event.items():
        if not name.startswith(("log_", "_")) and _is_plain(value):
            fields[f"WEBPROXY_{_NO_NAME.sub('_', name.upper())}"] = str(value)[:LONGEST]
    return fields


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def datagram(fields: Mapping[str, str]) -> bytes:
    """Write fields as the journal reads them: a value of several lines has its length in front."""
    written = []
    for name, text in fields.items():
        value = text.encode("utf-8", "backslashreplace")
        if b"\n" in value:
            written.append(b"%b\n%b%b\n" % (name.encode(), len(value).to_bytes(8, "little"), value))
        else:
            written.append(b"%b=%b\n" % (name.encode(), value))
    return b"".join(written)


def observer() -> ILogObserver:
    """Make the observer, for ``twistd --logger webproxy.observe.journal.observer``."""
    return Journal()
