"""``webproxy-router tokens``: a token is shown once, and only its hash is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from webproxy.router.command import main
from webproxy.router.registry import digest_of
from webproxy.router.store import Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


def tokens(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["tokens", *words, "--state", str(folder)])


def test_a_token_is_printed_once(folder: Path) -> None:
    result = tokens(folder, "add", "anna", "--names", "3", "--ports", "12000-12009", "--expires", "90d")
    assert result.exit_code == 0, result.output
    secret = result.stdout.strip().encode()
    assert secret.startswith(b"wpr_")
    (listed,) = json.loads(tokens(folder, "list", "--json").output)
    assert (listed["tenant"], listed["quota"], listed["first_port"], listed["last_port"]) == ("anna", 3, 12000, 12009)
    assert listed["digest"] == digest_of(secret).hex()
    assert not any(secret in path.read_bytes() for path in folder.iterdir())


def test_revoked_by_id_or_tenant(folder: Path) -> None:
    for tenant in ("anna", "anna", "bert"):
        tokens(folder, "add", tenant)
    first = json.loads(tokens(folder, "list", "--json").output)[0]["id"]
    assert tokens(folder, "revoke", first).exit_code == 0
    lines = tokens(folder, "list").output.splitlines()
    assert [line.rsplit(maxsplit=1)[1] for line in lines] == ["revoked", "good", "good"]
    assert tokens(folder, "revoke", "anna").exit_code == 0
    store = Store(folder / "router.db")
    assert [token.revoked is not None for token in store.tokens()] == [True, True, False]
    store.close()
    wrong = tokens(folder, "revoke", "bort")
    assert (wrong.exit_code, "did you mean bert?" in wrong.output) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("an na",), "'an na' is no name for one"),
        (("anna", "--ports", "5"), "--ports: '5' is not a range of ports"),
        (("anna", "--expires", "soon"), "--expires: 'soon' is not a time"),
    ],
)
def test_what_is_wrong(folder: Path, words: tuple[str, ...], told: str) -> None:
    result = tokens(folder, "add", *words)
    assert (result.exit_code, told in result.output) == (2, True)


def test_no_store(tmp_path: Path) -> None:
    result = tokens(tmp_path, "list")
    assert (result.exit_code, "there is no " in result.output) == (2, True)
