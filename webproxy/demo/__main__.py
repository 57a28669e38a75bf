"""``python -m webproxy.demo --port 8080``: run the demo service until somebody stops it.

An option that is wrong ends it with status 2, a port that is taken with status 1, each with one sentence.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import react
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    textFileLogObserver,
)

from webproxy.demo.fields import show_address
from webproxy.demo.site import make_site
from webproxy.errors import SettingsError, StartError
from webproxy.net.reactor import install_preferred

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.interfaces import IListeningPort

    from webproxy.demo.site import IDemoReactor


class Options(argparse.ArgumentParser):
    """Command line options whose mistakes are sentences."""

    def error(self, message: str) -> NoReturn:
        """Called by argparse for an option that is wrong."""
        raise SettingsError("options", message)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line.

    :raise SettingsError: an option is unknown or its value is wrong.
    """
    options = Options(prog="python -m webproxy.demo", description="A service to put behind webproxy, and to look at.")
    options.add_argument("--port", default="8080", help="port to listen on, 0 for a free one (default: %(default)s)")
    options.add_argument("--address", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parsed = options.parse_args(arguments)
    if not parsed.port.isdecimal() or int(parsed.port) > 65535:
        raise SettingsError("--port", f"{parsed.port!r} is not a port", "a number from 0 to 65535 would be right")
    parsed.port = int(parsed.port)
    return parsed


def listen(reactor: IDemoReactor, address: str, port: int) -> IListeningPort:
    """Listen with the demo service.

    :raise StartError: the port is taken, or the address is not one of this machine's.
    """
    try:
        site = make_site(reactor)
        return reactor.listenTCP(port, site, interface=address)  # type: ignore[arg-type]  # a Site is a factory
    except CannotListenError as error:
        why = getattr(error.socketError, "strerror", None) or error.socketError
        raise StartError(
            f"cannot listen on {address} port {port}: {why}", "choose another --port or --address"
        ) from error


def run(reactor: IDemoReactor, address: str, port: int) -> Deferred[None]:
    """Listen, say where, and never end by itself; a failure to start ends the program with its sentence."""
    try:
        listening = listen(reactor, address, port)
    except StartError as error:
        print(f"webproxy demo: {error}", file=sys.stderr)
        raise SystemExit(error.exit_status) from error
    banner = f"webproxy demo: http://{show_address(listening.getHost())}/ (Ctrl-C stops it)"
    reactor.callWhenRunning(lambda: print(banner, flush=True))  # before that, Ctrl-C would stop it half-way
    return Deferred()


def main(arguments: Sequence[str] | None = None) -> None:
    """The program."""
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
    except SettingsError as error:
        print(f"webproxy demo: {error}", file=sys.stderr)
        raise SystemExit(error.exit_status) from error
    install_preferred()
    problems = FilteringLogObserver(textFileLogObserver(sys.stderr), [LogLevelFilterPredicate(LogLevel.warn)])
    globalLogBeginner.beginLoggingTo([problems], redirectStandardIO=False)
    react(run, (options.address, options.port))


if __name__ == "__main__":
    main()
