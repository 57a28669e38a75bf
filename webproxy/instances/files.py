"""The settings files of instances, in one folder: ``/etc/webproxy/instances/12345.toml``.

Rule of this file: what an operator wrote is his; a file is made where there was none, written anew as a whole, or moved
aside, and never lost.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, NamedTuple

from webproxy.errors import SettingsError
from webproxy.settings.document import parse_document, read_document
from webproxy.settings.from_files import read_defaults, read_instance, said_in
from webproxy.settings.places import DEFAULTS, INSTANCES, instance_file, port_of
from webproxy.settings.rewritten import rewrite
from webproxy.settings.settle import settle
from webproxy.settings.wrong import near_miss

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from webproxy.settings.from_files import Said
    from webproxy.settings.model import Settings
    from webproxy.settings.settle import Given


class TakenError(SettingsError):
    """There is an instance of that name already."""


class Folder(NamedTuple):
    """Where settings files stand.

    :ivar path: the folder of the defaults, with the instances in one below.
    """

    path: Path

    def file(self, port: int) -> Path:
        """Give the path of an instance's file."""
        return instance_file(self.path, port)

    def ports(self) -> list[int]:
        """List the instances there are, by port."""
        try:
            files = list((self.path / INSTANCES).iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            where = str(self.path / INSTANCES)
            raise SettingsError(where, f"cannot be read: {error.strerror}", "try it as root") from None
        return sorted(port for file in files if (port := port_of(file)) is not None)

    def existing(self, port: int) -> Path:
        """Give the path of the file of an instance that is there.

        :raises SettingsError: there is no such instance.
        """
        file = self.file(port)
        if file.exists():
            return file
        known = [str(one) for one in self.ports()]
        meant = near_miss(str(port), known)
        there = f"there are {', '.join(known)}" if known else "there is none yet: webproxy add makes one"
        raise SettingsError(
            str(port), "there is no such instance", f"did you mean {meant}? {there}" if meant else there
        )

    def range(self) -> range:
        """Give the ports that new instances take theirs from.

        :raises SettingsError: the defaults are wrong.
        """
        said, ports = read_defaults(self.path / DEFAULTS)
        if said.wrong:
            raise said.wrong[0]
        return ports

    def settings(self, port: int) -> Settings:
        """Read what holds for an instance: its own file and the defaults, as its unit has them.

        :raises SettingsError: something is wrong.
        """
        file = self.existing(port)
        return self._settled(read_instance(file), str(file))

    def settings_of(self, port: int, text: str) -> Settings:
        """Give what would hold, were ``text`` in the instance's file.

        :raises SettingsError: something is wrong with it.
        """
        file = self.file(port)
        return self._settled(said_in(parse_document(str(file), text), file), str(file))

    def said(self, port: int) -> Mapping[str, Given]:
        """Read what the instance's own file says.

        :raises SettingsError: it cannot be read.
        """
        return read_instance(self.existing(port)).given

    def text(self, port: int) -> str:
        """Read the instance's file as it is.

        :raises SettingsError: it cannot be read, or is not TOML.
        """
        file = self.existing(port)
        read_document(file)  # for its sentences
        return file.read_bytes().decode()

    def _settled(self, said: Said, file: str) -> Settings:
        defaults, _ = read_defaults(self.path / DEFAULTS)
        return settle(said.given, defaults.given, wrong=(*said.wrong, *defaults.wrong), file=file)

    def make(self) -> None:
        """Make the folder of instances, closed to others, if it is not there.

        :raises SettingsError: that is not possible.
        """
        make_folder(self.path / INSTANCES)

    def create(self, port: int, text: str) -> Path:
        """Write the file of a new instance.

        :raises TakenError: there is one already.
        :raises SettingsError: it cannot be written.
        """
        file = self.file(port)
        self.make()
        rewrite(file, lambda _: self._unless_there(file, port, text.encode()))
        return file

    def _unless_there(self, file: Path, port: int, content: bytes) -> bytes:
        if file.exists():
            raise TakenError(str(file), "is there already", f"webproxy set {port} key=value changes it")
        return content

    def change(self, port: int, change: Callable[[str], str]) -> bool:
        """Write the file of an instance anew, unless that changes nothing.

        :returns: whether anything was written.
        :raises SettingsError: it cannot be read or written; what ``change`` raises.
        """
        text = self.text(port)
        after = change(text)
        if after == text:
            return False

        def write(before: bytes) -> bytes:
            if before.decode() != text:
                raise SettingsError(str(self.file(port)), "was changed by somebody else just now", "try it again")
            return after.encode()

        rewrite(self.file(port), write)
        return True

    def put_aside(self, port: int) -> Path:
        """Take an instance's file out of the way: it stays, under another name.

        :returns: where it is now.
        :raises SettingsError: there is no such instance, or it cannot be moved.
        """
        file = self.existing(port)
        names = itertools.chain([f"{file.name}.removed"], (f"{file.name}.removed-{at}" for at in itertools.count(2)))
        aside = next(path for name in names if not (path := file.with_name(name)).exists())
        try:
            file.rename(aside)
        except OSError as error:
            raise SettingsError(str(file), f"cannot be moved: {error.strerror}", "try it as root") from None
        return aside


def make_folder(folder: Path) -> None:
    """Make a folder of settings, closed to others, if it is not there.

    :raises SettingsError: that is not possible.
    """
    try:
        before = os.umask(0o027 if os.geteuid() == 0 else 0o077)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        finally:
            os.umask(before)
    except OSError as error:
        raise SettingsError(str(folder), f"cannot be made: {error.strerror}", "try it as root") from None
