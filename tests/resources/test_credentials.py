"""Users and keys as files hold them, read again while we serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bcrypt
import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, DeferredQueue

from webproxy.access.keys import Key, digest_of, format_keys
from webproxy.access.secret import Secret
from webproxy.access.session import Subject
from webproxy.errors import SettingsError
from webproxy.resources import credentials as module
from webproxy.resources.credentials import Credentials
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.settle import all_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from twisted.logger import LogEvent

    Ended = Callable[[Subject], bool]

REST = b"$10$" + b"K" * 21 + b"e" + b"w" * 30 + b"e"
ANNA, BERT = Subject(b"u", b"anna"), Subject(b"u", b"bert")
LAPTOP = Key("laptop", digest_of(b"wpk_laptop"))
FLEETING = Key("fleeting", digest_of(b"wpk_fleeting"), 1000.0)


@pytest.fixture
def users(tmp_path: Path) -> Path:
    path = tmp_path / "users"
    path.write_bytes(b"anna:$2b" + REST + b"\nbert:$2a" + REST + b"\n")
    return path


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_bytes(format_keys([LAPTOP, FLEETING]))
    return path


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 0.02)


def test_one_user_needs_no_file(reactor: Any) -> None:
    credentials = Credentials(CredentialSources(user="änna", password=Secret("pässwörd".encode())), reactor)
    assert list(credentials.users) == ["änna".encode()]
    assert bcrypt.checkpw("pässwörd".encode(), credentials.users["änna".encode()])
    assert not credentials.keys
    credentials.start()
    assert not reactor.getDelayedCalls()


def test_a_user_whose_password_nobody_told_cannot_come_in(reactor: Any) -> None:
    assert not Credentials(CredentialSources(user="anna"), reactor).users


def test_files_are_read(reactor: Any, users: Path, keys: Path) -> None:
    credentials = Credentials(CredentialSources(htpasswd=str(users), keys=str(keys)), reactor)
    assert credentials.users == {b"anna": b"$2b" + REST, b"bert": b"$2a" + REST}
    assert credentials.keys == {LAPTOP.digest: LAPTOP, FLEETING.digest: FLEETING}
    assert repr(credentials) == "<Credentials users=2 keys=2 generation=0>"
    assert repr(credentials._held) == "<Held users=2 keys=2>"


def test_a_key_is_good_until_it_expires(reactor: Any, keys: Path) -> None:
    credentials = Credentials(CredentialSources(keys=str(keys)), reactor)
    assert credentials.key(LAPTOP.digest) == LAPTOP
    assert credentials.key(FLEETING.digest, 999.9) == FLEETING
    assert credentials.key(FLEETING.digest, 1000.0) is None
    assert credentials.key(FLEETING.digest) is None
    assert credentials.key(digest_of(b"wpk_another")) is None


def test_what_sessions_are_bound_to(reactor: Any, users: Path, keys: Path) -> None:
    credentials = Credentials(CredentialSources(htpasswd=str(users), keys=str(keys)), reactor)
    assert credentials.binding_of(ANNA) == b"$2b" + REST
    assert credentials.binding_of(Subject(b"u", b"carl")) is None
    assert credentials.binding_of(Subject(b"k", LAPTOP.digest)) == LAPTOP.digest
    assert credentials.binding_of(Subject(b"k", FLEETING.digest)) is None


def test_every_proxy_signs_with_a_secret_of_its_own(reactor: Any) -> None:
    secrets = {Credentials(CredentialSources(keys=""), reactor).session_secret for _ in range(2)}
    assert [len(secret) for secret in secrets] == [32, 32]
    assert Credentials(CredentialSources(keys=""), reactor, b"of the one before").session_secret == b"of the one before"


def test_everything_wrong_is_told_at_the_start(reactor: Any, users: Path, keys: Path) -> None:
    users.write_bytes(b"anna:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=\nbert\n")
    keys.write_bytes(b"laptop\n")
    with pytest.raises(SettingsError) as raised:
        Credentials(CredentialSources(htpasswd=str(users), keys=str(keys)), reactor)
    assert [str(error).partition(": ")[0] for error in all_of(raised.value)] == [
        f"{users}:1",
        f"{users}:2",
        f"{keys}:1",
    ]
    assert f"webproxy passwd {users} anna" in str(raised.value)


def test_a_file_that_cannot_be_read(reactor: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"/none: cannot be read: No such file or directory; give a file"):
        Credentials(CredentialSources(htpasswd=str(tmp_path / "none")), reactor)
    large = tmp_path / "large"
    monkeypatch.setattr(module, "LARGEST", 10)
    large.write_bytes(b"#" * 11)
    with pytest.raises(SettingsError, match="is larger than 16 MiB"):
        Credentials(CredentialSources(keys=str(large)), reactor)


@pytest.mark.usefixtures("quickly")
@pytest_twisted.ensureDeferred
async def test_a_changed_file_is_read_again_and_who_changed_is_told(reactor: Any, users: Path, keys: Path) -> None:
    credentials = Credentials(CredentialSources(htpasswd=str(users), keys=str(keys)), reactor)
    told = changes(credentials)
    credentials.start()
    replace(users, b"anna:$2b" + REST + b"\nbert:$2b" + REST + b"\n")
    ended = await told()
    assert credentials.users == {b"anna": b"$2b" + REST, b"bert": b"$2b" + REST}
    assert (credentials.generation, ended(ANNA), ended(BERT)) == (1, False, True)
    replace(keys, format_keys([FLEETING]))
    ended = await told()
    assert [ended(Subject(b"k", key.digest)) for key in (LAPTOP, FLEETING)] == [True, False]
    assert (credentials.generation, ended(ANNA)) == (2, False)
    credentials.stop()
    credentials.stop()


@pytest.mark.usefixtures("quickly")
@pytest_twisted.ensureDeferred
async def test_a_broken_or_missing_file_changes_nothing_and_is_told_once(
    reactor: Any, users: Path, logged: list[LogEvent]
) -> None:
    credentials = Credentials(CredentialSources(htpasswd=str(users)), reactor)
    before = credentials.users
    told = changes(credentials)
    credentials.start()
    replace(users, b"anna:sEcReT\n")
    await until(reactor, lambda: len(errors(logged)) == 1)
    remove(users)
    await until(reactor, lambda: len(errors(logged)) == 2)
    assert credentials.users is before
    broken, missing = errors(logged)
    assert broken.startswith(f"{users}:1: anna's password is not kept as bcrypt")
    assert missing.startswith(f"{users}: cannot be read: No such file or directory")
    assert "sEcReT" not in broken
    replace(users, b"anna:$2b" + REST + b"\n")
    ended = await told()
    assert (ended(ANNA), ended(BERT)) == (False, True)
    credentials.stop()


@pytest.mark.usefixtures("quickly")
@pytest_twisted.ensureDeferred
async def test_a_file_that_says_the_same_as_before_ends_nothing(reactor: Any, users: Path) -> None:
    credentials = Credentials(CredentialSources(htpasswd=str(users)), reactor)
    seen = credentials._held.seen
    credentials.start()
    replace(users, b"# the same\nanna:$2b" + REST + b"\nbert:$2a" + REST + b"\n")
    await until(reactor, lambda: credentials._held.seen != seen)
    assert credentials.generation == 0
    credentials.stop()


@pytest.mark.usefixtures("quickly")
@pytest_twisted.ensureDeferred
async def test_a_listener_that_fails_ends_neither_the_others_nor_the_looking(
    reactor: Any, users: Path, logged: list[LogEvent]
) -> None:
    credentials = Credentials(CredentialSources(htpasswd=str(users)), reactor)
    credentials.when_changed(lambda _ended: 1 / 0)
    told = changes(credentials)
    credentials.start()
    replace(users, b"anna:$2b" + REST + b"\n")
    await told()
    replace(users, b"bert:$2b" + REST + b"\n")
    await told()
    assert [event["log_failure"].type for event in logged if "log_failure" in event] == [ZeroDivisionError] * 2
    credentials.stop()


def replace(path: Path, data: bytes) -> None:
    """In one step, as ``webproxy passwd`` does."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(data)
    beside.replace(path)


def remove(path: Path) -> None:
    path.unlink()


def errors(logged: list[LogEvent]) -> list[str]:
    return [event["error"] for event in logged if "credentials from before" in (event["log_format"] or "")]


def changes(credentials: Credentials) -> Callable[[], Awaitable[Ended]]:
    """Wait for one change after another."""
    found: DeferredQueue[Ended] = DeferredQueue()
    credentials.when_changed(found.put)
    return found.get


async def until(reactor: Any, seen: Callable[[], bool]) -> None:
    """Wait until something is seen."""
    for _ in range(1000):
        if seen():
            return
        later: Deferred[None] = Deferred()
        reactor.callLater(0.01, later.callback, None)
        await later
    pytest.fail("not seen within ten seconds")
