"""What was good before: bounded, and good no longer than its credential."""

from __future__ import annotations

from webproxy.access.recognised import Grant, Recognised
from webproxy.access.session import Subject

ADA, BOB = Subject(b"u", b"ada"), Subject(b"u", b"bob")


def test_a_grant_is_found_until_it_ends() -> None:
    recognised = Recognised()
    grant = Grant(ADA, "ada", ambient=True, until=10.0)
    recognised.add(b"1", grant)
    assert recognised.get(b"1", 9.9) is grant
    assert recognised.get(b"2", 9.9) is None
    assert recognised.get(b"1", 10.0) is None
    assert repr(recognised) == "<Recognised grants=0>"
    assert repr(grant) == "<Grant 'ada' until=10>"


def test_memory_is_bounded_and_what_is_forgotten_has_ended() -> None:
    recognised = Recognised(most=2)
    grants = [Grant(ADA, "ada", ambient=True) for _ in range(3)]
    for number, grant in enumerate(grants):
        recognised.add(b"%d" % number, grant)
    assert len(recognised) == 2
    assert recognised.get(b"0", 0.0) is None
    assert [grant.until > 0.0 for grant in grants] == [False, True, True]


def test_a_newer_grant_ends_the_one_before() -> None:
    recognised = Recognised(most=1)
    first, second = (Grant(ADA, "ada", ambient=True) for _ in range(2))
    recognised.add(b"1", first)
    recognised.add(b"1", second)
    assert recognised.get(b"1", 0.0) is second
    assert first.until < 0.0


def test_whose_credential_has_changed_is_out_at_once() -> None:
    recognised = Recognised()
    ada, bob = Grant(ADA, "ada", ambient=True), Grant(BOB, "bob", ambient=False)
    recognised.add(b"1", ada)
    recognised.add(b"2", bob)
    recognised.end(lambda subject: subject == ADA)
    assert (recognised.get(b"1", 0.0), recognised.get(b"2", 0.0)) == (None, bob)
    assert ada.until < 0.0
