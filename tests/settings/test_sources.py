"""Option before environment before instance before defaults; and all that is wrong in one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from webproxy.errors import SettingsError
from webproxy.settings.settle import all_of
from webproxy.settings.sources import gather

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """The file of an instance, with defaults beside it."""
    (tmp_path / "instances").mkdir()
    (tmp_path / "webproxy.toml").write_text('drain = "4s"\nwait-upstream = "4s"\n')
    file = tmp_path / "instances" / "12345.toml"
    file.write_text('internal = 8080\ndrain = "3s"\n')
    return file


def drain(instance: Path, *words: str, **environ: str) -> float:
    return gather(["--config", str(instance), *words], environ).settle().drain


def test_who_is_stronger(instance: Path) -> None:
    assert drain(instance, "--drain", "1s", WEBPROXY_DRAIN="2s") == 1
    assert drain(instance, WEBPROXY_DRAIN="2s") == 2
    assert drain(instance) == 3
    instance.write_text("internal = 8080\n")
    assert drain(instance) == 4
    (instance.parents[1] / "webproxy.toml").unlink()
    assert drain(instance) == 30


def test_the_instance_and_its_defaults_are_found(instance: Path) -> None:
    sources = gather([], {"WEBPROXY_CONFIG": str(instance)})
    settings = sources.settle()
    assert (settings.port, settings.wait_upstream, sources.file) == (12345, 4, instance)


def test_without_a_file_the_defaults_of_the_folder_hold(instance: Path) -> None:
    words = ["--internal", "8080", "--port", "12345"]
    assert gather(words, {"CONFIGURATION_DIRECTORY": str(instance.parents[1])}).settle().drain == 4


def test_a_file_named_from_here_is_found_from_elsewhere(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon changes its working directory, and reads the file again when it reloads."""
    monkeypatch.chdir(instance.parent)
    assert gather(["--config", "12345.toml"], {}).file == instance


def test_all_errors_of_all_sources_in_one_run(instance: Path) -> None:
    instance.write_text('drain = "x"\nzebra = 1\nmax-body = 5\n[timeout]\nlong = "y"\nlnog = "1s"\n')
    (instance.parents[1] / "webproxy.toml").write_text('port = 1\nlog-format = "jsno"\n')
    with pytest.raises(SettingsError) as caught:
        gather(["--config", str(instance), "--listen", "z"], {"WEBPROXY_DRIAN": "1"}).settle()
    told = [error.where.replace(f"{instance.parents[1]}/", "") for error in all_of(caught.value)]
    assert told == [
        "WEBPROXY_DRIAN",
        "instances/12345.toml:2: zebra",
        "webproxy.toml:1: port",
        "instances/12345.toml: internal",
        "--listen",
        "instances/12345.toml:1: drain",
        "instances/12345.toml:3: max-body",
        "webproxy.toml:2: log-format",
        "instances/12345.toml:6: timeout.lnog",
        "instances/12345.toml:5: timeout.long",
    ]
    assert "internal: not given; write internal = 8080" in str(caught.value)


def test_words_that_are_no_options_come_first(instance: Path) -> None:
    with pytest.raises(SettingsError, match="--config: no value is given; write --config /etc/webproxy/instances"):
        gather(["--config"], {})
