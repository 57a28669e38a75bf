"""``webproxy policies install``: a third party's policy, from the package index or a file, into a place that stays.

Rule of this file: pip resolves and unpacks; what may come in is decided here, before anything changes. Nothing that
webproxy itself runs on is ever replaced, and what brings no policy is refused.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from webproxy.errors import SettingsError, StartError
from webproxy.settings.places import POLICIES, policies_folder
from webproxy.settings.policies import GROUP, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")


class Wanted(NamedTuple):
    """A distribution that pip would install.

    :ivar name: of the distribution.
    :ivar version: of it.
    :ivar url: where it comes from.
    """

    name: str
    version: str
    url: str


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="NAME|FILE...")
def install(what: Sequence[str]) -> None:
    """Install policies of third parties, as in: webproxy policies install ./renders-1.0-py3-none-any.whl.

    NAME is looked up in the package index; a FILE is a wheel, a source archive or a folder. Instances use what was
    installed once their settings name it (--policy).
    """
    folder = policies_folder()
    with tempfile.TemporaryDirectory() as stage:
        wanted = resolve(what, Path(stage) / "report.json")
        check(wanted, {key(one.name): one.version for one in distributions() if not is_replaceable(one, folder)})
        if not wanted:
            click.echo("nothing to do: it is installed, and there is no newer one")
            return
        unpacked = Path(stage) / "unpacked"
        pip("--no-compile", "--no-deps", "--target", str(unpacked), *(f"{one.name} @ {one.url}" for one in wanted))
        names = policies_in(unpacked)
        if not names:
            raise SettingsError(" ".join(what), "brings no policy", f"a policy is an entry point in {GROUP}")
        replace(unpacked, folder)
    for name in names:
        click.echo(f"{name} is installed; use it: --policy {name}, and see: webproxy policies show {name}")
        _try(name, folder)


def resolve(what: Sequence[str], report: Path) -> list[Wanted]:
    """Ask pip what it would install, beside what is there.

    :param report: where pip may write.
    :raises StartError: pip is missing, or finds no way.
    """
    pip("--dry-run", "--upgrade", "--report", str(report), "--", *what)
    items = json.loads(report.read_text())["install"]
    return [
        Wanted(item["metadata"]["name"], item["metadata"]["version"], item["download_info"]["url"]) for item in items
    ]


def check(wanted: Iterable[Wanted], ours: Mapping[str, str]) -> None:
    """Refuse what would change what webproxy runs on.

    :param ours: versions by name, of what webproxy itself has.
    :raises SettingsError: one of them would be replaced.
    """
    for one in wanted:
        if key(one.name) in ours:
            raise SettingsError(
                f"{one.name} {one.version}",
                f"would take the place of {ours[key(one.name)]}, which webproxy runs on",
                "install a version of the policy that goes with that",
            )


def pip(*words: str) -> None:
    """Let pip install something.

    :raises StartError: it cannot; pip's own words say why.
    """
    os.umask(0o022)  # instances run as another user, and must be able to read it
    command = [sys.executable, *PIP, "install", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if "No module named pip" in done.stderr:
        raise StartError("pip is missing here", f"install it: {sys.executable} -m ensurepip")
    if done.returncode:
        errors = [line.removeprefix("ERROR: ") for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        raise StartError(f"pip cannot install that: {' '.join(errors or done.stderr.split())}")


def policies_in(folder: Path) -> list[str]:
    """List the policies that a folder brings."""
    found = distributions(path=[str(folder)])
    return sorted(point.name for one in found for point in one.entry_points if point.group == GROUP)


def replace(unpacked: Path, folder: Path) -> None:
    """Put what was unpacked in the place of other versions of the same.

    :raises StartError: the folder cannot be written to.
    """
    coming = {key(one.name) for one in distributions(path=[str(unpacked)])}
    try:
        for one in list(distributions(path=[str(folder)])):
            if key(one.name) in coming:
                _remove(one, folder)
        shutil.copytree(unpacked, folder, dirs_exist_ok=True)
    except OSError as error:
        raise StartError(f"{folder} cannot be written to: {error.strerror}", "try it as root") from error


def _remove(one: Distribution, folder: Path) -> None:
    """Remove the files of a distribution, and the folders that are empty then."""
    for file in one.files or ():
        path = Path(os.path.normpath(folder / str(file)))
        if not path.is_relative_to(folder):
            continue
        path.unlink(missing_ok=True)
        for parent in path.parents:
            shutil.rmtree(parent / "__pycache__", ignore_errors=True)
            if parent == folder or any(parent.iterdir()):
                break
            parent.rmdir()


def key(name: str) -> str:
    """Give the name by which distributions are told apart (PyPA, name normalization)."""
    return name.lower().replace("_", "-").replace(".", "-")


def is_replaceable(one: Distribution, folder: Path) -> bool:
    """Tell whether a distribution was installed for a policy: alone in the folder, or bringing one."""
    if Path(str(one.locate_file(""))).resolve() != folder.resolve() or key(one.name) == "webproxy":
        return False
    return folder == POLICIES or any(point.group == GROUP for point in one.entry_points)


def _try(name: str, folder: Path) -> None:
    """Load it, as an instance would.

    :raises SettingsError: it cannot be used.
    """
    if str(folder) not in sys.path:  # Python looked for it when it started
        sys.path.append(str(folder))
    importlib.invalidate_caches()
    load(name, name)
