"""The clerk: work for the store in one thread, in order, bounded, and everything written at the end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import gatherResults

from webproxy.errors import StartError
from webproxy.router import clerk as module
from webproxy.router.clerk import Clerk
from webproxy.router.registry import Refused, Wish, digest_of
from webproxy.router.rows import Token
from webproxy.router.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from webproxy.router.registry import Registry

WISH = Wish(b"token", b"k" * 32, 12345, "10.0.0.7", "app")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = Store(tmp_path / "router.db")
    store.put_token(Token("anna", digest_of(b"token"), 5, 1, 65535, 1.0))
    store.close()
    return store.path


@pytest_twisted.ensureDeferred
async def test_work_is_done_in_one_thread_in_order(reactor: Any, path: Path) -> None:
    clerk = Clerk(reactor, path)
    assert clerk.find("x") is None
    with pytest.raises(Refused):
        clerk.ask(lambda registry: registry)
    clerk.open()
    seen: list[tuple[int, int]] = []

    def sees(turn: int) -> Callable[[Registry], None]:
        return lambda _: seen.append((turn, threading.get_ident()))

    await gatherResults([clerk.ask(sees(turn)) for turn in range(20)])
    assert [turn for turn, _ in seen] == list(range(20))
    assert len({thread for _, thread in seen}) == 1
    assert threading.get_ident() not in {thread for _, thread in seen}
    name = await clerk.ask(lambda registry: registry.register(WISH))
    assert clerk.find(name.name) == name
    with pytest.raises(Refused, match="token"):
        await clerk.ask(lambda registry: registry.known(b"other"))
    assert repr(clerk) == f"<Clerk of {path} open waiting=0>"
    await clerk.close()
    await clerk.close()


@pytest_twisted.ensureDeferred
async def test_leases_are_written_at_the_end(reactor: Any, path: Path) -> None:
    clerk = Clerk(reactor, path)
    clerk.open()
    name = await clerk.ask(lambda registry: registry.register(WISH))
    renewed = await clerk.ask(lambda registry: registry.renew(WISH))
    assert renewed.until > name.until
    await clerk.close()
    store = Store(path)
    assert store.names() == [renewed]
    store.close()


@pytest_twisted.ensureDeferred
async def test_what_commands_change_is_taken_over(reactor: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLUSH", 0.0)
    clerk = Clerk(reactor, path)
    clerk.open()
    name = await clerk.ask(lambda registry: registry.register(WISH))
    other = Store(path)
    other.put_name(name._replace(blocked="phishing"))
    other.close()
    clerk.look()
    await clerk.ask(lambda _: None)
    found = clerk.find(name.name)
    assert found is not None
    assert found.blocked == "phishing"
    await clerk.close()


@pytest_twisted.ensureDeferred
async def test_too_much_at_once_is_refused(reactor: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    clerk = Clerk(reactor, path)
    clerk.open()
    go_on = threading.Event()
    waiting = [clerk.ask(lambda _: go_on.wait(20)) for _ in range(2)]
    with pytest.raises(Refused) as caught:
        clerk.ask(lambda _: None)
    assert caught.value.status == 503
    clerk.look()  # asks nothing
    go_on.set()
    await gatherResults(waiting)
    await clerk.ask(lambda _: None)
    await clerk.close()


def test_a_damaged_store(reactor: Any, tmp_path: Path) -> None:
    (tmp_path / "router.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StartError, match="damaged"):
        Clerk(reactor, tmp_path / "router.db").open()
