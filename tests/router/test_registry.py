"""Who gets which name, who keeps it, and who is refused."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from webproxy.router.registry import LEASE, Refused, Registry, Wish, digest_of
from webproxy.router.rows import KEPT, Token
from webproxy.router.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANNAS, BERTS = b"token of anna", b"token of bert"
MACHINE = b"k" * 32


class World:
    """A registry, its store, and the time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 1000.0
        self.store = Store(path)
        for tenant, token in (("anna", ANNAS), ("bert", BERTS)):
            self.store.put_token(Token(tenant, digest_of(token), 2, 12000, 12999, self.now))
        self.registry = self.opened()

    def opened(self) -> Registry:
        return Registry(self.store, lambda: self.now, random.Random(1))

    def restarts(self) -> None:
        """The router ends without a word and starts again."""
        self.store.close()
        self.store = Store(self.path)
        self.registry = self.opened()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    one = World(tmp_path / "router.db")
    yield one
    one.store.close()


def wish(port: int = 12345, token: bytes = ANNAS, machine: bytes = MACHINE, label: str = "app") -> Wish:
    return Wish(token, machine, port, "10.0.0.7", label)


def test_a_machine_gets_a_name_and_asking_again_gives_the_same(world: World) -> None:
    name = world.registry.register(wish())
    assert name.name.startswith("app-")
    assert (name.until, name.tenant, name.address, name.port) == (1000.0 + LEASE, "anna", "10.0.0.7", 12345)
    world.now += 10
    again = world.registry.register(wish()._replace(address="10.0.0.8"))
    assert again == name._replace(address="10.0.0.8", until=1010.0 + LEASE)
    assert world.registry.find(name.name) == again
    assert world.registry.register(wish(label="")).name == name.name
    assert repr(world.registry) == "<Registry of 1 names>"


def test_a_name_is_made_for_who_chooses_none(world: World) -> None:
    name = world.registry.register(wish(label=""))
    assert len(name.name.split("-")) == 3


def test_a_lease_is_renewed_without_writing_and_written_later(world: World) -> None:
    name = world.registry.register(wish())
    world.now += 60
    renewed = world.registry.renew(wish())
    assert renewed.until == 1060.0 + LEASE
    assert world.store.names()[0].until == name.until
    world.registry.flush()
    world.registry.flush()
    assert world.store.names()[0].until == renewed.until
    moved = world.registry.renew(wish()._replace(address="10.0.0.9"))
    assert world.store.names()[0].address == moved.address == "10.0.0.9"


def test_a_lease_that_ended_leaves_the_name(world: World) -> None:
    name = world.registry.register(wish())
    world.now += LEASE + 1
    found = world.registry.find(name.name)
    assert found is not None
    assert not found.live(world.now)
    world.now += KEPT - 2
    assert world.registry.register(wish()).name == name.name


def test_names_that_nobody_has_claimed_for_long_are_forgotten(world: World) -> None:
    old, blocked = world.registry.register(wish()), world.registry.register(wish(12346))
    world.store.put_name(blocked._replace(blocked="phishing"))
    world.now += LEASE + KEPT - 1
    world.registry.forget()
    assert {name.name for name in world.store.names()} == {old.name, blocked.name}
    world.now += 2
    world.registry.forget()
    assert [name.name for name in world.store.names()] == [blocked.name], "what is switched off is kept from everybody"
    assert world.registry.find(old.name) is None


def test_a_release_ends_the_lease_and_keeps_the_name(world: World) -> None:
    assert world.registry.release(wish()) is None
    name = world.registry.register(wish())
    world.now += 5
    released = world.registry.release(wish())
    assert released is not None
    assert not released.live(world.now)
    assert world.registry.register(wish()).name == name.name


def test_a_restart_of_the_router_needs_no_hand(world: World) -> None:
    name = world.registry.register(wish())
    world.now += 2 * LEASE  # it was away for longer than the lease
    world.restarts()
    found = world.registry.find(name.name)
    assert found is not None
    assert found.live(world.now)
    world.now += LEASE
    assert not found.live(world.now)
    world.now += 20 * LEASE
    world.restarts()
    found = world.registry.find(name.name)
    assert found is not None
    assert not found.live(world.now), "who had gone before stays gone"


@pytest.mark.parametrize(
    ("asked", "status", "why"),
    [
        (wish(token=b"wrong"), 401, "the token is none of ours"),
        (wish(11999), 403, "port 11999 is not among 12000 to 12999"),
        (wish(13000), 403, "port 13000 is not among"),
        (wish(label="admin"), 400, "'admin' is reserved"),
        (wish(token=BERTS), 403, "this machine's key is another tenant's"),
        (wish(label="other"), 409, "port 12345 of this machine is app-"),
        (wish(12347), 403, "the tenant anna has all of its 2 names"),
    ],
)
def test_who_is_refused(world: World, asked: Wish, status: int, why: str) -> None:
    world.registry.register(wish())
    world.registry.register(wish(12346))
    with pytest.raises(Refused, match=why) as caught:
        world.registry.register(asked)
    assert caught.value.status == status
    assert len(world.store.names()) == 2


@pytest.mark.parametrize(("revoked", "expires"), [(1.0, None), (None, 999.0)])
def test_a_token_that_is_good_no_longer(world: World, revoked: float | None, expires: float | None) -> None:
    world.registry.register(wish())
    (token, _) = world.store.tokens()
    world.store.put_token(token._replace(revoked=revoked, expires=expires))
    for ask in (world.registry.register, world.registry.renew, world.registry.release):
        with pytest.raises(Refused, match="has expired, or was revoked"):
            ask(wish())


def test_nothing_to_renew(world: World) -> None:
    with pytest.raises(Refused, match="register it") as caught:
        world.registry.renew(wish())
    assert caught.value.status == 404


def test_an_operator_switches_a_name_off_from_outside(world: World) -> None:
    name = world.registry.register(wish())
    world.now += 5
    until = world.registry.renew(wish()).until
    assert not world.registry.read_if_changed()
    other = Store(world.path)
    other.put_name(name._replace(blocked="phishing"))
    other.close()
    assert world.registry.read_if_changed()
    assert not world.registry.read_if_changed()
    found = world.registry.find(name.name)
    assert found is not None
    assert (found.blocked, found.until) == ("phishing", until)
    for ask in (world.registry.register, world.registry.renew):
        with pytest.raises(Refused, match=f"{name.name} is blocked: phishing"):
            ask(wish())


def test_a_name_that_was_given_up_is_free_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webproxy.router.names.ANIMALS", ("fox",))
    monkeypatch.setattr("webproxy.router.names.GREEK", ("chi",))
    assert world.registry.register(wish()).name == "app-fox-chi"
    with pytest.raises(Refused, match="nearly all names with 'app' are taken") as caught:
        world.registry.register(wish(machine=b"o" * 32, token=BERTS))
    assert caught.value.status == 409
    world.now += LEASE + KEPT
    assert world.registry.register(wish(machine=b"o" * 32, token=BERTS)).tenant == "bert"
    assert [name.tenant for name in world.registry.names()] == ["bert"]
