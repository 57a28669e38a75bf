"""All who may say something, in their order: options, environment, an instance's file, the defaults of all instances.

Rule of this file: gathers and decides nothing; reading everything again is what a reload does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from webproxy.settings.environment import CONFIG, read_environment
from webproxy.settings.from_files import Said, read_defaults, read_instance
from webproxy.settings.places import DEFAULTS, folder, folder_of
from webproxy.settings.settle import settle
from webproxy.settings.words import read_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from webproxy.errors import SettingsError
    from webproxy.settings.model import Settings
    from webproxy.settings.settle import Given


class Sources(NamedTuple):
    """What everybody says.

    :ivar said: by name of option, the strongest first.
    :ivar wrong: what cannot be used of it.
    :ivar file: the instance's settings file, if there is one.
    :ivar ports: the range of ports for new instances.
    """

    said: tuple[Mapping[str, Given], ...]
    wrong: tuple[SettingsError, ...]
    file: Path | None
    ports: range

    def settle(self) -> Settings:
        """Make settings of it.

        :raises SettingsError: one is wrong or missing.
        """
        return settle(*self.said, wrong=self.wrong, file=str(self.file or ""))


def gather(words: Sequence[str], environ: Mapping[str, str]) -> Sources:
    """Ask everybody.

    :param words: of the command line.
    :raises SettingsError: the words are no options, or a file cannot be read at all.
    """
    options = read_words(words)
    named = options.pop("config", None)
    path = named.texts[0] if named else environ.get(CONFIG, "")
    file = Path(path).absolute() if path else None
    variables, strange = read_environment(environ)
    instance = read_instance(file) if file else Said({}, [])
    defaults, ports = read_defaults((folder_of(file, environ) if file else folder(environ)) / DEFAULTS)
    wrong = (*strange, *instance.wrong, *defaults.wrong)
    return Sources((options, variables, instance.given, defaults.given), wrong, file, ports)
