"""What ``twistd webproxy-router`` runs: options -> settings -> service.

Rule of this file: as ``webproxy.tap``'s, for the other program: the only place of it that knows twistd and the global
reactor. Files are read and ports bound when the service is made, before any fork.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

from twisted.python import usage

from webproxy.errors import SettingsError, StartError
from webproxy.launch import Bound, leave, logs_to_stdout
from webproxy.net.reactor import install_preferred
from webproxy.router.options import CONFIG, OPTIONS, settings_of
from webproxy.version import version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.application.service import IService

    from webproxy.router.settings import RouterSettings

PROGRAM = "webproxy-router"


class Options(usage.Options):
    """The options of ``twistd webproxy-router``: our own grammar and errors, twistd's help and completion.

    :ivar settings: what they say, once ``parseOptions`` has read them.
    """

    synopsis = "--domain secure.example.com --certificate FILE --key FILE --machines 10.0.0.0/8 [options]"
    longdesc = "Public https names for the machines of a network."
    optParameters = [[option.name, None, option.default, option.help] for option in (CONFIG, *OPTIONS)]  # noqa: RUF012 - Twisted's
    settings: RouterSettings

    def __init__(self) -> None:
        install_preferred()
        super().__init__()

    def opt_version(self) -> NoReturn:
        """Display the version of webproxy and exit."""
        sys.stdout.write(f"webproxy {version()}\n")
        raise SystemExit(0)

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """Read the words after ``webproxy-router``.

        :raises SystemExit: 2 after an error was told; 0 after help, version or completion.
        """
        words = list(options or ())
        if "--_shell-completion" in words[-2:-1]:
            super().parseOptions(words)
        if "--help" in words:
            self.opt_help()
        if "--version" in words:
            self.opt_version()
        try:
            self.settings = settings_of(words)
        except SettingsError as error:
            leave(error, PROGRAM)


def makeService(options: Options) -> IService:
    """Make the service, read its files and bind its sockets.

    :raises SystemExit: 1 after an error was told.
    """
    from twisted.internet import reactor

    from webproxy.router.service import RouterService

    twistd = options.parent if options.parent is not None else {"nodaemon": True}
    service = RouterService(options.settings, reactor)
    try:
        service.privilegedStartService()
    except StartError as error:
        leave(error, PROGRAM)
    lines = [f"{PROGRAM} {version()}", *(f"  {line}" for line in service.told())]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    return Bound(PROGRAM, (service,), twistd, () if logs_to_stdout(twistd) else lines)
