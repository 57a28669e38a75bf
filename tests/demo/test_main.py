"""The tests of ``webproxy/demo/__main__.py``."""

from __future__ import annotations

from typing import Any, cast

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError

from tests.demo.service import Reactor
from webproxy.demo.__main__ import main, parse, run
from webproxy.demo.site import DemoSite
from webproxy.errors import SettingsError


def test_listens_where_it_was_told(capsys: pytest.CaptureFixture[str]) -> None:
    reactor: Any = Reactor()
    assert isinstance(run(reactor, "127.0.0.1", 8123), Deferred)
    port, site, _, address = reactor.tcpServers[0]
    assert (address, port) == ("127.0.0.1", 8123)
    assert isinstance(site, DemoSite)
    assert capsys.readouterr().out == ""
    reactor.run()
    # the memory reactor's ports all say that they are at 0.0.0.0
    assert capsys.readouterr().out == "webproxy demo: http://0.0.0.0:8123/ (Ctrl-C stops it)\n"


def test_the_default_is_port_8080_of_this_machine_only() -> None:
    options = parse([])
    assert (options.address, options.port) == ("127.0.0.1", 8080)


@pytest.mark.parametrize("port", ["65536", "-1", "http", "", "80.0", "8o"])
def test_a_wrong_port_is_a_sentence(port: str) -> None:
    with pytest.raises(SettingsError, match="a number from 0 to 65535 would be right"):
        parse([f"--port={port}"])


def test_an_unknown_option_is_one_sentence_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--prot", "8080"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "webproxy demo: options: unrecognized arguments: --prot 8080\n"


def test_a_taken_port_is_one_sentence_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    class Taken(Reactor):
        def listenTCP(self, port: int, factory: object, backlog: int = 50, interface: str = "") -> None:
            raise CannotListenError(interface, port, OSError(98, "Address already in use"))

    with pytest.raises(SystemExit) as ended:
        run(cast("Any", Taken()), "127.0.0.1", 8080)
    assert ended.value.code == 1
    sentence = "cannot listen on 127.0.0.1 port 8080: Address already in use; choose another --port or --address"
    assert capsys.readouterr().err == f"webproxy demo: {sentence}\n"
