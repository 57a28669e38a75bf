"""What has gone through the router: counted once, whatever ends how."""

from __future__ import annotations

from webproxy.net.tcp_info import Carried
from webproxy.router.traffic import Moved, Traffic


class Passage:
    def __init__(self, sent: int = 0, received: int = 0) -> None:
        self.so_far = Carried(sent, received)
        self.over = False

    def carried(self) -> Carried:
        return self.so_far

    def cut(self) -> None:
        self.over = True


def test_what_flows_counts_as_much_as_what_is_over() -> None:
    traffic = Traffic()
    one, two = Passage(10, 100), Passage(1, 2)
    traffic.began("app", one)
    traffic.began("app", two)
    assert traffic.of("app") == Moved(2, 11, 102)
    traffic.ended("app", one)
    two.so_far = Carried(5, 5)
    assert traffic.of("app") == traffic.total() == Moved(2, 15, 105)
    traffic.ended("app", two)
    traffic.ended("app", two)
    assert traffic.of("app") == traffic.total() == Moved(2, 15, 105)
    assert traffic.of("other") == Moved()
    assert repr(traffic) == "<Traffic handshakes=0 names=1>"


def test_names_that_are_no_more_are_forgotten_and_their_bytes_are_not() -> None:
    traffic = Traffic()
    for name in ("app", "web"):
        passage = Passage(1, 1)
        traffic.began(name, passage)
        traffic.ended(name, passage)
    traffic.keep({"web"})
    assert (traffic.of("app"), traffic.of("web")) == (Moved(), Moved(1, 1, 1))
    assert traffic.total() == Moved(2, 2, 2)


def test_what_goes_to_one_name_is_cut() -> None:
    traffic = Traffic()
    one, two, other = Passage(), Passage(), Passage()
    traffic.began("app", one)
    traffic.began("app", two)
    traffic.began("web", other)
    traffic.cut("app")
    traffic.cut("none")
    assert (one.over, two.over, other.over) == (True, True, False)
