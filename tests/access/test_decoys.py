"""Unknown users cost what known ones do."""

from __future__ import annotations

from collections import Counter

import bcrypt

from webproxy.access.decoys import Decoys

CHEAP, DEAR = b"$2b$04$" + b"x" * 53, b"$2y$05$" + b"x" * 53
KEY = b"k" * 32


def test_decoys_have_the_costs_of_the_known_in_their_shares() -> None:
    decoys = Decoys([CHEAP, CHEAP, DEAR], KEY)
    found = Counter((decoys.hash_for(b"user%d" % number) or b"")[:6] for number in range(600))
    assert set(found) == {b"$2b$04", b"$2y$05"}
    assert 300 < found[b"$2b$04"] < 500


def test_a_name_has_one_cost() -> None:
    decoys = Decoys([CHEAP, DEAR], KEY)
    assert decoys.hash_for(b"ada") == decoys.hash_for(b"ada") == Decoys([DEAR, CHEAP], KEY).hash_for(b"ada")


def test_bcrypt_takes_a_decoy_for_a_hash() -> None:
    decoy = Decoys([CHEAP], KEY).hash_for(b"ada")
    assert decoy is not None
    assert len(decoy) == 60
    assert not bcrypt.checkpw(b"", decoy)


def test_without_users_there_is_nothing_to_hide() -> None:
    assert Decoys([], KEY).hash_for(b"ada") is None
