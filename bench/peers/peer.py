"""What a peer is: a reverse proxy, how to configure it, how to start it in the foreground, how to ask its version.

A template is the program's own configuration file with ``@{name}`` where a value goes; nothing else in it is special.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TEMPLATES = Path(__file__).parent
SLOT = re.compile(r"@\{(\w+)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with every ``@{name}`` replaced; a name without a value is a ``KeyError``."""
    return SLOT.sub(lambda match: values[match[1]], text)


@dataclass(frozen=True)
class Peer:
    """A reverse proxy to measure. ``template`` is "" for one that needs no configuration file.

    ``guard`` is what makes it ask for a password of the file ``@{users}``: the template's slot of that name, or, of one
    without a template, further words. ``secure``: it speaks TLS to its clients, with the certificate in ``directory``.
    """

    name: str
    title: str
    command: Sequence[str]
    version: Sequence[str]
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    guard: Sequence[str] = ()
    secure: bool = False

    def argv(self, values: Mapping[str, str]) -> list[str]:
        """Its command line, for ``port``, ``internal`` and ``directory``; writes its configuration to the latter.

        With ``users`` among the values it asks for a password.
        """
        values = {**self.values, **values}
        guard = [fill(word, values) for word in self.guard] if "users" in values else []
        if self.template:
            values["guard"] = " ".join(guard)
            text = fill((TEMPLATES / self.template).read_text(), values)
            configuration = Path(values["directory"]) / self.template
            configuration.write_text(text)
            values["configuration"] = str(configuration)
            guard = []
        return [*(fill(word, values) for word in self.command), *guard]

    def ask_version(self) -> str:
        """The first line of what the program says about its version; "" when it is not installed."""
        try:
            answer = subprocess.run(self.version, capture_output=True, text=True, timeout=20, check=False)
        except FileNotFoundError:
            return ""
        said = (answer.stdout or answer.stderr).strip()
        return "" if answer.returncode else said.partition("\n")[0]
