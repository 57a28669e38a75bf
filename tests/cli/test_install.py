"""``webproxy policies install``: real pip, real wheels, an environment of its own."""

from __future__ import annotations

import os
import subprocess
import venv
import zipfile
from importlib.metadata import PathDistribution
from typing import TYPE_CHECKING

import pytest

from tests.modules import MODULES, without_modules
from webproxy.cli.install import Wanted, check, is_replaceable, key, policies_in, replace
from webproxy.errors import SettingsError, StartError
from webproxy.settings.places import POLICIES

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "from webproxy.policy import Policy\nclass Hello(Policy):\n    '''Greets, {version}.'''\n"


def wheel(folder: Path, name: str, version: str, *, entry: str = "", needs: str = "", extra: str = "") -> Path:
    """A wheel with one module."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {need}\n" for need in needs.split())
    files = {
        f"{module}/__init__.py": SOURCE.format(version=version),
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if entry:
        files[f"{info}/entry_points.txt"] = f"[webproxy.policies]\n{entry} = {module}:Hello\n"
    if extra:
        files[f"{module}/{extra}"] = ""
    files[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return path


class Environment:
    """An environment with pip, and with webproxy as it is here."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True, with_pip=True)
        self.python = folder / "bin" / "python"
        self.packages = next(folder.glob("lib/python3*/site-packages"))
        (self.packages / "here.pth").write_text("\n".join(MODULES.split(os.pathsep)))
        info = self.packages / "webproxy-0.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: webproxy\nVersion: 0.1\n")

    def webproxy(self, *words: str | Path) -> tuple[int, str]:
        command = [self.python, "-c", "from webproxy.cli.main import main; main()", "policies", *words]
        environment = {**without_modules(), "PIP_NO_INDEX": "1", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("environment"))


def test_a_policy_comes_and_is_replaced_by_its_next_version(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By file, and by the name under which an index has it."""
    first = wheel(tmp_path, "greetings", "1.0", entry="hello", needs="webproxy", extra="old.py")
    status, told = environment.webproxy("install", first)
    assert (status, told) == (0, "hello is installed; use it: --policy hello, and see: webproxy policies show hello\n")
    assert (environment.packages / "greetings" / "old.py").exists()

    wheel(tmp_path, "greetings", "1.1", entry="hello", needs="webproxy")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    status, told = environment.webproxy("install", "greetings")
    assert status == 0, told
    assert environment.webproxy("show", "hello")[1].startswith("Greets, 1.1.\n")
    assert not (environment.packages / "greetings" / "old.py").exists(), "a file of the version before is still there"
    assert len(list(environment.packages.glob("greetings*.dist-info"))) == 1

    again = environment.webproxy("install", tmp_path / "greetings-1.1-py3-none-any.whl")
    assert again == (0, "nothing to do: it is installed, and there is no newer one\n")


def test_what_is_no_policy_is_refused_and_leaves_nothing(environment: Environment, tmp_path: Path) -> None:
    status, told = environment.webproxy("install", wheel(tmp_path, "nothing", "1.0"))
    assert status == 2
    assert "brings no policy" in told
    assert not list(environment.packages.glob("nothing*"))


def test_what_webproxy_runs_on_is_not_replaced(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(tmp_path, "twisted", "9999.0")
    policy = wheel(tmp_path, "greedy", "1.0", entry="greedy", needs="twisted>=9999")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    status, told = environment.webproxy("install", policy)
    assert status == 2, told
    assert told.startswith("webproxy: twisted 9999.0: would take the place of ")
    assert not list(environment.packages.glob("greedy*"))


def test_what_pip_cannot_find_is_one_sentence(environment: Environment) -> None:
    status, told = environment.webproxy("install", "no-such-policy")
    assert status == 1
    assert told.startswith("webproxy: pip cannot install that: ")
    assert told.count("\n") == 1


def test_a_policy_that_cannot_be_used_is_told(environment: Environment, tmp_path: Path) -> None:
    path = wheel(tmp_path, "broken", "1.0", entry="broken")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("broken/__init__.py", "raise OSError('no')")
    status, told = environment.webproxy("install", path)
    assert status == 2
    assert "cannot be loaded: OSError: no" in told


def test_only_what_was_installed_for_a_policy_is_replaced(tmp_path: Path) -> None:
    replace(unzipped(wheel(tmp_path, "greetings", "1.0", entry="hello"), tmp_path / "new"), tmp_path / "place")
    replace(unzipped(wheel(tmp_path, "plain", "1.0"), tmp_path / "new2"), tmp_path / "place")
    assert policies_in(tmp_path / "place") == ["hello"]
    policy, plain = (PathDistribution(tmp_path / "place" / f"{name}-1.0.dist-info") for name in ("greetings", "plain"))
    assert is_replaceable(policy, tmp_path / "place")
    assert not is_replaceable(plain, tmp_path / "place")
    assert not is_replaceable(policy, POLICIES)


def unzipped(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def test_a_record_that_points_elsewhere_removes_nothing_there(tmp_path: Path) -> None:
    path = wheel(tmp_path, "greetings", "1.0", entry="hello")
    place = tmp_path / "place"
    replace(unzipped(path, tmp_path / "one"), place)
    (tmp_path / "precious").write_text("mine")
    (place / "greetings-1.0.dist-info" / "RECORD").write_text("../precious,,\ngreetings/__init__.py,,\n")
    replace(unzipped(path, tmp_path / "two"), place)
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "place").write_text("a file, not a folder")
    with pytest.raises(StartError, match="cannot be written to"):
        replace(unzipped(wheel(tmp_path, "greetings", "1.0", entry="hello"), tmp_path / "one"), tmp_path / "place")


def test_names_are_compared_as_the_index_does() -> None:
    assert key("Zope.Interface") == key("zope_interface") == "zope-interface"
    with pytest.raises(SettingsError, match=r"^Zope_Interface 9: would take the place of 8, which webproxy runs on"):
        check([Wanted("Zope_Interface", "9", "file:///x")], {"zope-interface": "8"})
    check([Wanted("other", "9", "file:///x")], {"zope-interface": "8"})
