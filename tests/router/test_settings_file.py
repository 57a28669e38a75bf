"""The router's settings file: what it says, and a sentence with its line for each slip."""

from __future__ import annotations

from pathlib import Path

import pytest

from webproxy.errors import SettingsError
from webproxy.router.options import settings_of


def written(folder: Path, text: str) -> list[str]:
    """Write a file, and the certificate that it may name; the words that name it."""
    (folder / "c.pem").touch()
    file = folder / "router.toml"
    file.write_text(text.replace("CERT", str(folder / "c.pem")))
    return ["--config", str(file)]


WHOLE = """
domain = "secure.example.com"
certificate = "CERT"
key = "CERT"
machines = ["10.0.0.0/8", "192.0.2.0/24"]
port = 4443
http-port = "none"
"""


def test_a_file_says_all_that_options_say(tmp_path: Path) -> None:
    settings = settings_of(written(tmp_path, WHOLE), {})
    assert (settings.domain, settings.port, settings.http_port) == ("secure.example.com", 4443, None)
    assert settings.machines == ("10.0.0.0/8", "192.0.2.0/24")


def test_a_word_is_stronger(tmp_path: Path) -> None:
    words = [*written(tmp_path, WHOLE + 'state = "/srv/a"\n'), "--port", "444", "--machines", "10.1.0.0/16"]
    settings = settings_of(words, {"STATE_DIRECTORY": "/srv/b"})
    assert (settings.port, settings.machines, settings.state) == (444, ("10.1.0.0/16",), Path("/srv/a"))


def test_all_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    words = written(tmp_path, 'domian = "x"\nport = 0\nmachines = {}\nzzz = 1\ncertificate = "CERT"\nkey = "CERT"\n')
    with pytest.raises(SettingsError) as caught:
        settings_of(words, {})
    file = words[1]
    lines = str(caught.value).splitlines()
    assert f"{file}:1: domian: there is no such setting; did you mean domain?" in lines
    assert f"{file}:4: zzz: there is no such setting; webproxy-router run --help lists those there are" in lines
    assert f'{file}: domain: not given; write domain = "secure.example.com"' in lines
    assert [line for line in lines if line.startswith(f"{file}:2: port: 0 is not a port")]
    assert [line for line in lines if line.startswith(f"{file}:3: machines: is a table")]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none.toml: there is no such file"):
        settings_of(["--config", str(tmp_path / "none.toml")], {})
