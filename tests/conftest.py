"""The reactor of the test run, chosen before anything imports one.

uvloop by default, as users get it; ``WEBPROXY_TEST_REACTOR=epoll`` runs the same tests on Twisted's own. Tests get
the reactor as a fixture, never by importing it. ``WEBPROXY_TEST_COMPILED=1`` says that it is the compiled webproxy
that has to stand the test.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from twisted.logger import ILogObserver, globalLogPublisher
from zope.interface import implementer

import webproxy
from tests.judged import COMPILED, REACTOR
from webproxy.net.reactor import install_preferred

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.internet.interfaces import IReactorCore
    from twisted.logger import LogEvent

settings.register_profile("anywhere", deadline=None)  # a machine that others use as well is late now and then
settings.register_profile("compiled", settings.get_profile("anywhere"), max_examples=25)  # the source stands them all
settings.load_profile("compiled" if COMPILED else "anywhere")

if REACTOR == "epoll":
    from twisted.internet import epollreactor

    epollreactor.install()
elif REACTOR == "uvloop":
    install_preferred()
else:
    message = f"WEBPROXY_TEST_REACTOR={REACTOR}: it is epoll or uvloop"
    raise pytest.UsageError(message)


if os.environ.get("WEBPROXY_TEST_COMPILED") and not COMPILED:
    message = f"WEBPROXY_TEST_COMPILED: webproxy is not compiled in {Path(webproxy.__file__).parent}"
    raise pytest.UsageError(message)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest-twisted, whose own hook comes after this one, which reactor it will find installed."""
    config.option.reactor = "default" if REACTOR == "epoll" else "asyncio"


def pytest_report_header() -> str:
    return f"reactor: {REACTOR}, webproxy: {'compiled' if COMPILED else 'source'}"


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep /etc/webproxy, ~/.config and /run/webproxy out of the tests, and of the processes that they start."""
    os.environ["CONFIGURATION_DIRECTORY"] = str(tmp_path_factory.mktemp("settings"))
    os.environ["RUNTIME_DIRECTORY"] = str(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session", autouse=True)
def no_modules_of_this_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the source tree out of the processes that tests start: they find their modules where the tests do."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("nothing"))
    yield
    os.chdir(before)


@pytest.fixture(scope="session")
def reactor() -> IReactorCore:
    """The running reactor."""
    from twisted.internet import reactor

    return reactor


@pytest.fixture
def logged() -> Iterator[list[LogEvent]]:
    """What is logged meanwhile."""
    seen: list[LogEvent] = []

    @implementer(ILogObserver)
    def keep(event: LogEvent) -> None:
        seen.append(event)

    globalLogPublisher.addObserver(keep)
    yield seen
    globalLogPublisher.removeObserver(keep)
