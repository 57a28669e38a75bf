"""Who may come in just now: the users and keys that files hold, read again when they change.

Rule of this file: files are looked at and read in a thread, for a disk may be slow and a file long; what they say is
taken over in the reactor's thread, in one step. A file that is wrong or gone changes nothing: what held before holds
on, and the log says why.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import bcrypt
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from webproxy.access import htpasswd, keys
from webproxy.access.wrong_lines import WrongLinesError
from webproxy.errors import SettingsError
from webproxy.settings.settle import SeveralSettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from twisted.internet.defer import Deferred

    from webproxy.access.keys import Key
    from webproxy.access.session import Subject
    from webproxy.settings.credentials import CredentialSources

EVERY = 1.0
"""Seconds between two looks at the files."""

LARGEST = 16 << 20
"""Most bytes that are taken for a file of credentials."""


NOBODY: Mapping[bytes, bytes] = {}


class Held(NamedTuple):
    """What all files say.

    :ivar users: bcrypt hashes by name.
    :ivar keys: by digest.
    :ivar seen: what the files looked like when they were read.
    """

    users: Mapping[bytes, bytes]
    keys: Mapping[bytes, Key]
    seen: tuple[object, ...]

    def __repr__(self) -> str:
        return f"<Held users={len(self.users)} keys={len(self.keys)}>"


class Credentials:
    """Users and keys, as they are now.

    :ivar users: bcrypt hashes by user's name.
    :ivar keys: keys by digest.
    :ivar generation: grows whenever one of the two becomes another.
    :ivar session_secret: signs the sessions of this proxy; another one after each start.
    :param sources: where they are written.
    :param reactor: its clock and its threads.
    :param session_secret: the one of the process whose place this one takes, so that its sessions stay good; empty:
        there was none.
    :raises SettingsError: a file is missing, cannot be read, or has wrong lines.
    """

    log = Logger()

    def __init__(self, sources: CredentialSources, reactor: Any, session_secret: bytes = b"") -> None:
        self._sources = sources
        self._reactor = reactor
        self._single = _single_user(sources)
        self._listeners: list[Callable[[Callable[[Subject], bool]], object]] = []
        self._told = ""
        self._looking = LoopingCall(self._look)
        self._looking.clock = reactor
        self.generation = 0
        self.session_secret = session_secret or secrets.token_bytes(32)
        self._held = read(sources, self._single)

    def __repr__(self) -> str:
        return f"<Credentials users={len(self.users)} keys={len(self.keys)} generation={self.generation}>"

    @property
    def users(self) -> Mapping[bytes, bytes]:
        """Bcrypt hashes by user's name; another mapping after each change."""
        return self._held.users

    @property
    def keys(self) -> Mapping[bytes, Key]:
        """Keys by digest, those that have expired as well; another mapping after each change."""
        return self._held.keys

    def key(self, digest: bytes, now: float | None = None) -> Key | None:
        """Give the key that has this digest, if it is good.

        :param now: seconds since the epoch.
        """
        key = self._held.keys.get(digest)
        return key if key is not None and (time.time() if now is None else now) < key.expires else None

    def binding_of(self, subject: Subject) -> bytes | None:
        """Give what a subject's sessions are bound to; None if it may not come in any more."""
        if subject.kind == b"u":
            return self._held.users.get(subject.name)
        key = self.key(subject.name)
        return None if key is None else key.digest

    def when_changed(self, listener: Callable[[Callable[[Subject], bool]], object]) -> None:
        """Have ``listener`` called after each change.

        :param listener: gets a function that tells of a subject whether its credential is another now, or none.
        """
        self._listeners.append(listener)

    def start(self) -> None:
        """Begin to look at the files; where there is none, nothing."""
        if _paths(self._sources) and not self._looking.running:
            self._looking.start(EVERY, now=False)

    def stop(self) -> None:
        """Look no more."""
        if self._looking.running:
            self._looking.stop()

    def _look(self) -> Deferred[None]:
        """Look at the files in a thread; LoopingCall waits for it before it looks again."""
        pool = self._reactor.getThreadPool()
        looked: Deferred[Held | None] = deferToThreadPool(self._reactor, pool, self._read_if_changed, self._held.seen)
        return looked.addCallback(self._take).addErrback(self._tell)

    def _read_if_changed(self, seen: tuple[object, ...]) -> Held | None:
        if _seen(self._sources) == seen:
            return None
        return read(self._sources, self._single)

    def _take(self, held: Held | None) -> None:
        """Take over what the files say now."""
        if held is None:
            return
        before, self._held, self._told = self._held, held, ""
        if (before.users, before.keys) == (held.users, held.keys):
            return
        self.generation += 1
        self.log.info(
            "credentials read again: {users} users, {keys} keys",
            users=len(held.users),
            keys=len(held.keys),
            kind="credentials-read",
        )

        def ended(subject: Subject) -> bool:
            if subject.kind == b"u":
                return before.users.get(subject.name) != held.users.get(subject.name)
            return before.keys.get(subject.name) != held.keys.get(subject.name)

        for listener in self._listeners:
            try:
                listener(ended)
            except Exception:  # noqa: BLE001, PERF203 - the others must hear of it all the same
                self.log.failure("who should hear of changed credentials failed", kind="credentials-listener-failed")

    def _tell(self, failure: Any) -> None:
        """Say once what keeps the files from being read again."""
        text = str(failure.value)
        if text != self._told:
            self._told = text
            self.log.error("{error}; the credentials from before hold on", error=text, kind="credentials-refused")


def read(sources: CredentialSources, single: Mapping[bytes, bytes] = NOBODY) -> Held:
    """Read every file.

    :param single: the one user that stands in none.
    :raises SettingsError: one is missing, cannot be read, or has wrong lines.
    """
    seen = _seen(sources)
    wrong: list[SettingsError] = []
    users = dict(single)
    found: dict[bytes, Key] = {}
    if sources.htpasswd:
        users |= _parsed(sources.htpasswd, lambda data: htpasswd.parse(data, sources.htpasswd), wrong) or {}
    if sources.keys:
        found = {key.digest: key for key in _parsed(sources.keys, keys.parse, wrong) or ()}
    if wrong:
        raise wrong[0] if len(wrong) == 1 else SeveralSettingsError(wrong)
    return Held(users, found, seen)


def _parsed(file: str, parse: Callable[[bytes], Any], wrong: list[SettingsError]) -> Any:
    """Read one file; what is wrong joins ``wrong``."""
    try:
        return parse(_content(Path(file)))
    except WrongLinesError as error:
        wrong += [SettingsError(f"{file}:{line.number}", line.what, line.right) for line in error.wrong]
    except SettingsError as error:
        wrong.append(error)
    return None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        right = "give a file that this user may read"
        raise SettingsError(str(path), f"cannot be read: {error.strerror}", right) from None
    if len(data) > LARGEST:
        raise SettingsError(str(path), "is larger than 16 MiB", "give a file of credentials, a line each")
    return data


def _paths(sources: CredentialSources) -> list[str]:
    return [path for path in (sources.htpasswd, sources.keys) if path]


def _seen(sources: CredentialSources) -> tuple[object, ...]:
    """Look at the files: what changes when one of them does."""
    return tuple(_look_at(path) for path in _paths(sources))


def _look_at(path: str) -> tuple[int, ...]:
    try:
        seen = Path(path).stat()
    except OSError as error:
        return (error.errno or 0,)
    return (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)


def _single_user(sources: CredentialSources) -> dict[bytes, bytes]:
    if not sources.user or sources.password is None:
        return {}
    return {sources.user.encode(): bcrypt.hashpw(bytes(sources.password), bcrypt.gensalt(htpasswd.COST))}
