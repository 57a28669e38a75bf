"""``webproxy run``: ``twistd -n webproxy`` for those who have never heard of twistd.

Rule of this file: twistd's own machinery in this process, with the log on standard output, or in the journal under
systemd, and no files left behind (twistd.log, twistd.pid). It does not look for plug-ins, so it works where Twisted
cannot see ours.
"""

from __future__ import annotations

import click
from twisted.application.service import ServiceMaker
from twisted.scripts.twistd import ServerOptions, runApp  # type: ignore[attr-defined] # it is public, but re-exported

from webproxy.cli.words import WordsCommand, table
from webproxy.observe import journal

MAKER = ServiceMaker("webproxy", "webproxy.tap", "A public address for a web service on an internal port.", "webproxy")


class ForegroundOptions(ServerOptions):
    """twistd's options, with one subcommand: ours."""

    @property
    def subCommands(self) -> list[tuple[str, None, object, str]]:  # noqa: N802 - Twisted's name
        """Name our subcommand without looking for plug-ins."""
        self.loadedPlugins = {MAKER.tapname: MAKER}
        return [(MAKER.tapname, None, MAKER.options, MAKER.description)]


def run_in_foreground(words: list[str]) -> None:
    """Run webproxy until it is stopped.

    :param words: the options, as they stand after ``twistd -n webproxy``.
    :raises SystemExit: a setting is wrong (2) or the start failed (1); it has been told.
    """
    twistd = ForegroundOptions()
    twistd.parseOptions(["--nodaemon", "--pidfile=", *journal.words(), MAKER.tapname, *words])
    runApp(twistd)


@click.command(cls=WordsCommand, params=table(), epilog="The same as: twistd -n webproxy ...")
def run(words: list[str]) -> None:
    """Run webproxy in the foreground, as in: webproxy run --internal 8080 --port 12345."""
    run_in_foreground(words)
