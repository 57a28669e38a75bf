"""One certificate that is kept: what is on disk of it, and what is to be done about it.

Rule of this file: reading and writing its files, and decisions from what they hold; who acts on them is ``keeper``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from twisted.logger import Logger

from webproxy.router.acme import ari, begun, note, schedule
from webproxy.router.acme.folder import CERTIFICATE, NOTE, ORDER
from webproxy.router.acme.note import Note
from webproxy.router.acme.request import UnfitError, leaf_of
from webproxy.router.acme.status import CertificateStatus, state_of

if TYPE_CHECKING:
    from webproxy.router.acme.begun import Begun
    from webproxy.router.acme.folder import Folder
    from webproxy.router.acme.request import Leaf
    from webproxy.router.acme.settings import AcmeSettings

log = Logger()

MARK = "-----BEGIN PRIVATE KEY-----"


class Kept:
    """A certificate. States: missing, there; and idle or under way.

    :param name: what it is for.
    :ivar leaf: what is known of it; ``None`` while there is none.
    :ivar note: what is known beside it.
    :ivar lost: its file cannot be used any more, though it may be in use still.
    :ivar under_way: whether it is being got now.
    :ivar forced: whether somebody wants another one now.
    """

    def __init__(self, folder: Folder, settings: AcmeSettings, name: str) -> None:
        self._folder = folder
        self._settings = settings
        self.name = name
        self.leaf: Leaf | None = None
        self.note = Note()
        self.lost = self.under_way = self.forced = self.begun = False

    def __repr__(self) -> str:
        there = "under way" if self.under_way else "there" if self.leaf is not None else "missing"
        return f"<Kept {self.name} {there}>"

    # Files

    def load(self, now: float) -> None:
        """Read all that is on disk; what is damaged is named in the log, and done without."""
        data = self._folder.read(self.name, NOTE)
        if data is not None:
            try:
                self.note = note.read(data)
            except ValueError as error:
                self._folder.damaged(self._folder.file(self.name, NOTE), str(error))
        self.look(now)
        if self.note.fingerprint != self._settings.fingerprint:
            held = self.note.hold if self.note.directory == self._settings.directory else None
            self.note = replace(self.note, failures=0, next_try=None, why="", hold=held)

    def look(self, now: float) -> bool:
        """Read the certificate, and what was begun; whether it can be used."""
        order = self._order()
        self.begun = order is not None
        key = self.read()
        if key and order is not None and order.key.strip() == key:
            self._finish(order, now)
        elif key and self.note.serial != self.serial:  # what is known is of another one; nothing is asked at a start
            self.note = Note(self.serial, ask_at=schedule.informed(now, None))
        return bool(key)

    def read(self) -> str:
        """Read the certificate; give its key, empty when there is none that can be used."""
        data = self._folder.read(self.name, CERTIFICATE)
        if data is None:
            self.lost = self.leaf is not None
            return ""
        try:
            chain, mark, key = data.decode().partition(MARK)
            self.leaf = leaf_of(chain, mark + key, (self.name,))
        except (UnfitError, UnicodeDecodeError) as error:
            self._folder.damaged(self._folder.file(self.name, CERTIFICATE), str(error))
            self.lost = self.leaf is not None
            return ""
        self.lost = False
        return (mark + key).strip()

    def _order(self) -> Begun | None:
        """Read what was begun."""
        data = self._folder.read(self.name, ORDER)
        if data is None:
            return None
        try:
            return begun.read(data)
        except ValueError as error:
            self._folder.damaged(self._folder.file(self.name, ORDER), str(error))
            return None

    def _finish(self, order: Begun, now: float) -> None:
        """The process was killed after it had written the certificate down."""
        self.note = self.succeeded(order.directory, informs=True, now=now)
        self.begun = False
        try:
            self.write(self.note)
        except OSError as error:
            log.error("{name}: {why}", name=self.name, why=error.strerror, kind="certificate-note-failed")  # noqa: TRY400 - nothing of ours
        else:
            self._folder.remove(self.name, ORDER)

    def write(self, found: Note) -> None:
        """Write down what is known.

        :raises OSError: it cannot be; it holds for this process all the same.
        """
        self.note = found
        self._folder.write(self.name, NOTE, found.written())

    # Decisions

    @property
    def serial(self) -> str:
        """Of the certificate that there is; empty for none."""
        return f"{self.leaf.certificate.serial_number:x}" if self.leaf is not None else ""

    @property
    def identifier(self) -> str:
        """What the authority knows it by (RFC 9773 §4.1); empty when it is of no use."""
        if self.leaf is None or self.note.directory != self._settings.directory:
            return ""
        return ari.identifier(self.leaf.certificate)

    def renewal(self) -> float | None:
        """Tell when it is to be renewed; ``None``: there is none, or not from the authority that is wanted now."""
        if self.leaf is None or self.lost or self.note.directory not in ("", self._settings.directory):
            return None
        return schedule.renewal(self.leaf.span, self.note.chosen)

    def due(self, now: float, hold: float | None) -> float:
        """Tell when an order is to be made.

        :param hold: until when the authority wants to be left alone.
        """
        return schedule.due(
            now,
            renew_at=self.renewal(),
            begun=self.begun,
            forced=self.forced,
            next_try=None if self.lost and not self.note.failures else self.note.next_try,
            hold=hold,
        )

    def asks(self, now: float) -> bool:
        """Whether the authority is to be asked when it wants the certificate renewed.

        Never once it has ended (RFC 9773 §4.3), nor while it is overdue already.
        """
        ask_at = self.note.ask_at
        if ask_at is None or self.note.failures or self.leaf is None:
            return False
        if now < ask_at and schedule.believable(now, ask_at):
            return False
        return now < self.leaf.span[1] and bool(self.identifier)

    def status(self, now: float, hold: float | None) -> CertificateStatus:
        """Tell how it stands."""
        span = self.leaf.span if self.leaf is not None else None
        state = state_of(now, span, under_way=self.under_way, failing=self.note.failures > 0)
        begins, ends = span or (None, None)
        next_try = None if self.under_way else self.due(now, hold)
        why = self.note.why
        if not why and state in ("expiring", "failed"):
            why = "it has ended" if state == "failed" else "it ends soon, and another one has not come yet"
        names = self.leaf.names if self.leaf is not None else (self.name,)
        return CertificateStatus(names, state, begins, ends, next_try, why)

    # What becomes of attempts

    def succeeded(self, directory: str, *, informs: bool, now: float) -> Note:
        """Give what is known after another one has come.

        :param directory: where from.
        :param informs: whether it tells when it wants it renewed.
        """
        ask_at = now + (schedule.SHORTEST if informs else schedule.DAILY)
        rest = schedule.rest(self.leaf.span) if self.leaf is not None else schedule.REST
        return Note(self.serial, directory, self._settings.fingerprint, next_try=now + rest, ask_at=ask_at)

    def failed(self, why: str, retry_after: float | None, now: float) -> Note:
        """Give what is known after an attempt has failed."""
        failures = self.note.failures + 1
        wait = schedule.pause(failures, retry_after)
        return replace(
            self.note,
            fingerprint=self._settings.fingerprint,
            failures=failures,
            next_try=now + wait,
            hold=None if retry_after is None else now + wait,
            why=why,
        )

    def informed(self, window: schedule.Window | None, retry_after: float | None, fraction: float, now: float) -> Note:
        """Give what is known after the authority has told its window; a moment in it is chosen once."""
        known = (self.note.start, self.note.end)
        ask_at = schedule.informed(now, retry_after)
        if window is None:
            return replace(self.note, start=None, end=None, chosen=None, ask_at=ask_at)
        if tuple(window) == known:
            return replace(self.note, ask_at=ask_at)
        chosen = schedule.choose(window, fraction)
        return replace(self.note, start=window.start, end=window.end, chosen=chosen, ask_at=ask_at)
