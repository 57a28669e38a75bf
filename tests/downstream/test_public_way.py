"""Who is served past the router."""

from __future__ import annotations

import pytest

from webproxy.downstream.public_way import PublicWay


@pytest.mark.parametrize(("peer", "served"), [("127.0.0.1", True), ("::1", True), ("10.0.0.9", False), ("", False)])
def test_past_the_router_only_this_machine_is_served(peer: str, served: bool) -> None:
    way = PublicWay("https://app", frozenset({"10.0.0.2"}))
    assert way.serves(peer) is served
    assert way._replace(direct=True).serves(peer)
