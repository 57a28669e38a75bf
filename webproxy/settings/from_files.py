"""Settings files -> what they say of which option: an instance's own, and the defaults of all.

Rule of this file: every key is an option's name; what is wrong is gathered, not raised, so that one run tells all of
it. The name of an instance's file is its port.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from webproxy.errors import SettingsError
from webproxy.settings import natural
from webproxy.settings.document import read_document
from webproxy.settings.options import BY_NAME
from webproxy.settings.places import port_of
from webproxy.settings.port_range import DEFAULT, port_range
from webproxy.settings.settle import Given
from webproxy.settings.unknown import unknown_key
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from pathlib import Path

    from webproxy.settings.document import Document

#: What every instance has to say for itself.
OWN = frozenset({"internal", "port"})

#: The range of ports for new instances: a key of the defaults alone, and no option.
PORTS = "ports"


class Said(NamedTuple):
    """What a file says.

    :ivar given: by name of option.
    :ivar wrong: what cannot be used of it.
    """

    given: dict[str, Given]
    wrong: list[SettingsError]


def read_instance(path: Path) -> Said:
    """Read an instance's file.

    :raises SettingsError: it cannot be read at all.
    """
    return said_in(read_document(path), path)


def said_in(document: Document, path: Path) -> Said:
    """Give what an instance's file says.

    :param path: the file that it is in, or is to be in: its name says the port.
    """
    said = _read(document)
    if PORTS in document.values:
        right = "write it in webproxy.toml; here, port says the one"
        said.wrong.append(SettingsError(document.address(PORTS), "is for the defaults of all instances", right))
    _check_port(path, said)
    return said


def read_defaults(path: Path) -> tuple[Said, range]:
    """Read the defaults of all instances; a file that is not there says nothing.

    :returns: what they say, and the range of ports for new instances.
    :raises SettingsError: they are there, and cannot be read at all.
    """
    ports = port_range(DEFAULT)
    if not path.exists():
        return Said({}, []), ports
    document = read_document(path)
    said = _read(document)
    for name in sorted(OWN & said.given.keys()):
        right = f"write it in {path.parent}/instances/12345.toml"
        said.wrong.append(SettingsError(said.given.pop(name).where, "belongs to one instance", right))
    if PORTS in document.values:
        ports = _ports(document, said, ports)
    return said, ports


def _read(document: Document) -> Said:
    said = Said({}, [])
    for key, value in document.values.items():
        where = document.address(key)
        option = BY_NAME.get(key)
        if option is not None:
            try:
                said.given[key] = natural.given(option, value, where)
            except SettingsError as error:
                said.wrong.append(error)
                said.given[key] = Given((), error.where)
        elif key != PORTS:
            said.wrong.append(unknown_key(key, where))
    return said


def _check_port(path: Path, said: Said) -> None:
    """Let the file's name say the port, and nothing else contradict it."""
    port = port_of(path)
    if port is None:
        return
    given = said.given.setdefault("port", Given((str(port),), str(path)))
    if given.texts and given.texts[0] != str(port):
        right = f"write port = {port}, leave it out, or rename the file to {given.texts[0]}.toml"
        said.wrong.append(
            SettingsError(given.where, f"{given.texts[0]} is not the port that the file's name says", right)
        )


def _ports(document: Document, said: Said, otherwise: range) -> range:
    value, where = document.values[PORTS], document.address(PORTS)
    if not isinstance(value, str):
        said.wrong.append(SettingsError(where, f"is {natural.kind(value)}", f'write ports = "{DEFAULT}"'))
        return otherwise
    try:
        return port_range(value)
    except TextError as wrong:
        said.wrong.append(SettingsError(where, wrong.what, wrong.right))
        return otherwise
