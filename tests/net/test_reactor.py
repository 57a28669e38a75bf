"""Which reactor is chosen, and what becomes of what its loop catches. Each choice is made in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.peers import logged_failures
from webproxy.net.reactor import log_unhandled, native_loop


def runs(program: str) -> str:
    """Run a program; return what it prints."""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert not finished.stderr
    return finished.stdout.strip()


SHOW = """
from twisted.internet import reactor
from webproxy.net.reactor import native_loop
print(type(reactor).__name__, type(native_loop(reactor)).__module__)
"""


def test_uvloop_is_preferred() -> None:
    assert runs(f"from webproxy.net.reactor import install_preferred; install_preferred()\n{SHOW}") == (
        "NativeReactor uvloop"
    )


def test_the_preferred_reactor_keeps_time_that_nobody_can_set() -> None:
    program = """
import time
from webproxy.net.reactor import install_preferred; install_preferred()
from twisted.internet import reactor
print(abs(reactor.seconds() - time.monotonic()) < 1)
def stop():
    print(reactor.seconds() - started >= 0.05)
    reactor.stop()
started = reactor.seconds()
reactor.callLater(0.05, stop)
reactor.run()
"""
    assert runs(program) == "True\nTrue"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("select", "SelectReactor"), ("epoll", "EPollReactor"), ("asyncio", "AsyncioSelectorReactor")],
)
def test_a_reactor_that_was_asked_for_is_kept(name: str, shown: str) -> None:
    program = f"""
from twisted.internet import {name}reactor; {name}reactor.install()
from webproxy.net.reactor import install_preferred; install_preferred()
{SHOW}"""
    assert runs(program) == f"{shown} builtins"


def test_without_uvloop_twisted_chooses() -> None:
    program = f"""
import sys
sys.modules["uvloop"] = None
from webproxy.net.reactor import install_preferred, native_loop; install_preferred()
{SHOW}
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
print(native_loop(AsyncioSelectorReactor()))"""
    assert runs(program).splitlines()[1:] == ["None"]
    assert "NativeReactor" not in runs(program)


def test_no_reactor_is_imported_by_the_way() -> None:
    assert runs("import sys, webproxy.net.reactor; print('twisted.internet.reactor' in sys.modules)") == "False"


def test_something_else_has_no_loop() -> None:
    assert native_loop(object()) is None


def test_an_exception_the_loop_caught_is_logged_by_twisted() -> None:
    error = ZeroDivisionError()
    loop: Any = None
    with logged_failures() as failures:
        log_unhandled(loop, {"message": "it broke", "exception": error})
    assert failures == [error]


def test_a_complaint_without_exception_is_logged_too() -> None:
    loop: Any = None
    with logged_failures() as failures:
        log_unhandled(loop, {"message": "something is odd"})
    assert "something is odd" in str(failures[0])


def test_a_connection_that_ended_is_nobody_s_complaint() -> None:
    """Aiofastnet 1.2.0 tells of one that ends during its handshake, by the class of the error."""
    loop: Any = None
    with logged_failures() as failures:
        log_unhandled(loop, {"message": "SSL handshake failed", "exception": ConnectionResetError})
    assert failures == []
