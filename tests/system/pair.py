"""Two servers beside each other: a router's and a machine's, with a wire between them and nothing else.

Rule of this file: what connects them, and how a page's commands are typed on them; what they are for is the test's.
"""

from __future__ import annotations

import re
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.system.machine import ROOT, Machine, copied

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUTER, MACHINE = "10.77.0.1", "10.77.0.2"
_STEP = re.compile(
    r"^Write `(?P<file>/[^`]+)`:\n\n```\w+\n(?P<text>.*?)^```"
    r"|^```console\n(?P<typed>.*?)^```"
    r"|^## (?P<heading>.*?)$",
    re.MULTILINE | re.DOTALL,
)


class Step(NamedTuple):
    """One thing that a page tells its reader to do.

    :ivar heading: below which it stands, without its number.
    :ivar command: what is typed; empty for a file.
    :ivar told: what the page says comes out.
    :ivar file: what is written; empty for a command.
    :ivar text: what is in it.
    """

    heading: str
    command: str = ""
    told: str = ""
    file: str = ""
    text: str = ""


def steps(page: str) -> list[Step]:
    """Read what a page tells its reader to do, from top to bottom."""
    found: list[Step] = []
    heading = ""
    for match in _STEP.finditer((ROOT / page).read_text()):
        if match["heading"]:
            heading = match["heading"].partition(". ")[2]
        elif match["file"]:
            found.append(Step(heading, file=match["file"], text=match["text"]))
        else:
            for part in re.split(r"^# ", match["typed"], flags=re.MULTILINE)[1:]:
                command, _, told = part.partition("\n")
                found.append(Step(heading, command=command, told=told))
    return found


class Pair(NamedTuple):
    """Two servers that run.

    :ivar router: at ``ROUTER``.
    :ivar machine: at ``MACHINE``.
    """

    router: Machine
    machine: Machine


@contextmanager
def pair(tree: Path) -> Iterator[Pair]:
    """Boot two copies of a tree, and lay a wire."""
    with ExitStack() as stack:
        servers = []
        for name in ("router", "machine"):
            server = Machine(stack.enter_context(copied(tree, name)))
            stack.callback(server.stop)
            servers.append(server)
        found = Pair(*servers)
        _wire(found)
        yield found


def _wire(servers: Pair) -> None:
    """A pair of network interfaces, an end in each server; it goes with them."""
    ends = [(servers.router, "wproxy0", ROUTER), (servers.machine, "wproxy1", MACHINE)]
    subprocess.run(["ip", "link", "add", "wproxy0", "type", "veth", "peer", "name", "wproxy1"], check=True)
    for server, name, address in ends:
        subprocess.run(["ip", "link", "set", name, "netns", str(server.leader())], check=True)
        server.shell(f"ip addr add {address}/24 dev {name}; ip link set {name} up; ip link set lo up")


def write(server: Machine, file: str, text: str) -> None:
    """Write a file as its reader would."""
    path = server.tree / file.removeprefix("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def hand_over(source: Machine, file: str, target: Machine) -> None:
    """Bring a file from one server to the other, as somebody would who carries it."""
    write(target, file, (source.tree / file.removeprefix("/")).read_text())


def give(server: Machine, program: str) -> None:
    """Install a program of this machine's that is one file."""
    path = Path(program)
    target = server.tree / program.removeprefix("/")
    target.write_bytes(path.read_bytes())
    target.chmod(0o755)
