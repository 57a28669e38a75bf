"""What ``twistd webproxy`` runs: options -> settings -> service.

Rule of this file: the only place that knows twistd and the global reactor. twistd imports it before any reactor is
installed; ours is installed when the options are made, unless ``--reactor`` was obeyed before.

twistd answers a UsageError with its whole usage text, and what fails at start with a traceback in a log that a daemon
has yet to open. So errors are told here, and sockets are bound when the service is made: before the fork, while
standard error is still the operator's.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from twisted.python import usage

from webproxy.errors import SettingsError, StartError
from webproxy.launch import Bound, in_foreground, leave, logs_to_stdout
from webproxy.net.inherited import named, take_inherited
from webproxy.net.notify import notifier, watchdog_period
from webproxy.net.reactor import install_preferred
from webproxy.net.successor import PREDECESSOR, legacy_in
from webproxy.observe.banner import banner
from webproxy.observe.survey import survey
from webproxy.settings.options import CONFIG, OPTIONS
from webproxy.settings.password import with_password, with_password_of
from webproxy.settings.sources import gather
from webproxy.version import version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.application.service import IService

    from webproxy.settings.model import Settings

PROGRAM = "webproxy"


class Options(usage.Options):
    """The options of ``twistd webproxy``: our own grammar and errors, twistd's help and completion.

    :ivar words: as they were given.
    :ivar settings: what they say, and variables and files with them, once ``parseOptions`` has read them.
    """

    synopsis = "--internal 8080 --port 12345 [options]"
    longdesc = "A public address for a web service on an internal port."
    optParameters = [  # noqa: RUF012 - Twisted's
        [option.name, None, option.default, option.help] for option in (CONFIG, *OPTIONS)
    ]
    words: tuple[str, ...]
    settings: Settings

    def __init__(self) -> None:
        install_preferred()
        super().__init__()

    def opt_version(self) -> NoReturn:
        """Display the version of webproxy and exit."""
        sys.stdout.write(f"webproxy {version()}\n")
        raise SystemExit(0)

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """Read the words after ``webproxy``.

        :raises SystemExit: 2 after an error was told; 0 after help, version or completion.
        """
        words = list(options or ())
        if "--_shell-completion" in words[-2:-1]:
            super().parseOptions(words)
        if "--help" in words:
            self.opt_help()
        if "--version" in words:
            self.opt_version()
        self.words = tuple(words)
        try:
            self.settings = with_password(gather(words, os.environ).settle(), os.environ)
        except SettingsError as error:
            leave(error, PROGRAM)

    def read(self) -> Settings:
        """Read what words, variables and files say now, while we run.

        :raises SettingsError: one of them is wrong.
        """
        return with_password_of(self.settings, gather(self.words, os.environ).settle())


def makeService(options: Options) -> IService:
    """Make the service and bind its sockets.

    :raises SystemExit: 1 or 2 after an error was told.
    """
    from twisted.internet import reactor

    from webproxy.lifetime import Lifetime
    from webproxy.service import make_service

    twistd = options.parent if options.parent is not None else {"nodaemon": True}
    try:
        surroundings = survey(options.settings)
        inherited = take_inherited(os.environ, os.getpid())
        sockets = [one for one in inherited if one.name != PREDECESSOR]
        predecessor = named(inherited, PREDECESSOR)
        service = make_service(options.settings, reactor, sockets, legacy_in(predecessor))
        service.privilegedStartService()
    except (SettingsError, StartError) as error:
        leave(error, PROGRAM)
    lines = banner(version(), options.settings, surroundings, detached=not in_foreground(twistd))
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    lifetime = Lifetime(
        service,
        reactor,
        options.read,
        notifier(),
        watchdog=watchdog_period(os.environ, os.getpid()),
        command=[sys.executable, *sys.orig_argv[1:]] if in_foreground(twistd) else None,
        predecessor=predecessor,
    )
    return Bound(PROGRAM, (service, lifetime), twistd, () if logs_to_stdout(twistd) else lines)
