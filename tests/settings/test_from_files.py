"""An instance's file and the defaults of all: what they say, and everything that is wrong in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from webproxy.errors import SettingsError
from webproxy.settings.from_files import read_defaults, read_instance

if TYPE_CHECKING:
    from pathlib import Path


def wrong_of(file: Path, text: str) -> list[str]:
    """Give what is wrong with an instance's file, without its folder."""
    file.write_text(text)
    return [str(error).replace(f"{file.parent}/", "") for error in read_instance(file).wrong]


def test_every_key_has_its_address(tmp_path: Path) -> None:
    file = tmp_path / "12345.toml"
    file.write_text('internal = 8080\n\ndrain = "5s"\n')
    said = read_instance(file)
    assert said.wrong == []
    assert {name: (given.texts, given.where) for name, given in said.given.items()} == {
        "internal": (("8080",), f"{file}:1: internal"),
        "drain": (("5s",), f"{file}:3: drain"),
        "port": (("12345",), str(file)),
    }


def test_a_name_that_is_no_port_says_none(tmp_path: Path) -> None:
    file = tmp_path / "gpu.toml"
    file.write_text("port = 12345")
    assert read_instance(file).given["port"].texts == ("12345",)
    file.write_text("")
    assert "port" not in read_instance(file).given


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "port = 1\n",
            (
                "12345.toml:1: port: 1 is not the port that the file's name says; "
                "write port = 12345, leave it out, or rename the file to 1.toml"
            ),
        ),
        (
            'ports = "1-2"\n',
            (
                "12345.toml:1: ports: is for the defaults of all instances; "
                "write it in webproxy.toml; here, port says the one"
            ),
        ),
        ("prot = 1\n", "12345.toml:1: prot: there is no such setting; did you mean port?"),
        ("On_Disconnect = 1\n", "12345.toml:1: On_Disconnect: there is no such setting; write it on-disconnect"),
        (
            "[tls]\n",
            (
                "12345.toml:1: tls: webproxy takes no certificate; leave it out; "
                "a self-signed certificate here would break the router's"
            ),
        ),
        (
            "zebra = 1\n",
            ("12345.toml:1: zebra: there is no such setting; webproxy config schema lists those there are"),
        ),
        ("drain = []\n", '12345.toml:1: drain: is a list; write drain = "30s"'),
    ],
)
def test_refuses(text: str, sentence: str, tmp_path: Path) -> None:
    assert wrong_of(tmp_path / "12345.toml", text) == [sentence]


def test_the_same_port_twice_is_right(tmp_path: Path) -> None:
    assert wrong_of(tmp_path / "12345.toml", "port = 12345\n") == []


def test_a_file_that_cannot_be_read_at_all(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"1\.toml: there is no such file"):
        read_instance(tmp_path / "1.toml")
    (tmp_path / "webproxy.toml").write_text("ports")
    with pytest.raises(SettingsError, match=r"webproxy\.toml:1: is not TOML: "):
        read_defaults(tmp_path / "webproxy.toml")


def test_defaults(tmp_path: Path) -> None:
    file = tmp_path / "webproxy.toml"
    assert read_defaults(file) == (({}, []), range(12000, 13000))
    file.write_text('drain = "5s"\nports = "20-30"\n')
    said, ports = read_defaults(file)
    assert (list(said.given), said.wrong, ports) == (["drain"], [], range(20, 31))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("port = 1", "webproxy.toml:1: port: belongs to one instance; write it in instances/12345.toml"),
        ("ports = 12000", 'webproxy.toml:1: ports: is a number; write ports = "12000-12999"'),
        ('ports = "9-8"', 'webproxy.toml:1: ports: 9-8 ends before it begins; write "8-9"'),
    ],
)
def test_wrong_defaults(text: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "webproxy.toml"
    file.write_text(text)
    said, ports = read_defaults(file)
    (error,) = said.wrong
    assert str(error).replace(f"{tmp_path}/", "").startswith(sentence)
    assert ports == range(12000, 13000)
    assert "port" not in said.given
