"""Policies are found as entry points; whatever keeps one from being used is a sentence with an address."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeAlias

import pytest

from webproxy.errors import SettingsError
from webproxy.policy import Policy, TextError, TrafficClass
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.settings.policies import Installed, Named, built, choose, installed, load, named, settings_written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = """
from webproxy.policy import Policy, Setting, duration, listed, whole_number

class Good(Policy):
    settings = (
        Setting("slots", whole_number(1), "2", "How many at a time."),
        Setting("max-wait", duration, "60s", "How long one waits."),
        Setting("deny", listed, "", "What is denied."),
        Setting("odd", int, "1", "A parser that raises a plain ValueError."),
    )

    def __init__(self, *, slots, max_wait, deny, odd):
        if slots == 13:
            raise RuntimeError("thirteen\\nslots")
        self.told = (slots, max_wait, deny, odd)

class Needy(Policy):
    settings = (Setting("key", str, None, "The key of the door."),)

class Newer(Policy):
    requires_api = (1, 999)

class Older(Policy):
    requires_api = (0, 1)

not_a_class = Policy()
"""

Install: TypeAlias = "Callable[..., None]"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install distributions as pip would leave them: a module, metadata, entry points."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def run(distribution: str, points: dict[str, str], code: str = GOOD) -> None:
        module = f"{distribution}_of_the_tests"
        (tmp_path / f"{module}.py").write_text(code)
        metadata = tmp_path / f"{distribution}-1.5.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.5\n")
        lines = [f"{name} = {value.format(module)}" for name, value in points.items()]
        (metadata / "entry_points.txt").write_text("\n".join(["[webproxy.policies]", *lines, ""]))
        monkeypatch.delitem(sys.modules, module, raising=False)

    return run


def refused(*words: str, timeouts: dict[str, str] | None = None) -> str:
    """Choose policies of which exactly one thing is wrong; gives its sentence."""
    chosen, errors = choose([named(word) for word in words], timeouts)
    assert len(errors) == 1, chosen
    return str(errors[0])


# What is written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("guard", Named("guard", {})),
        ("guard:", Named("guard", {})),
        ("guard:app=ollama", Named("guard", {"app": "ollama"})),
        ("queue:slots=2, waiting=20,wait=60s", Named("queue", {"slots": "2", "waiting": "20", "wait": "60s"})),
        ("guard:deny=/a,/b=c,app=x", Named("guard", {"deny": "/a,/b=c", "app": "x"})),
        ("guard:deny=,allow=a=b", Named("guard", {"deny": "", "allow": "a=b"})),
        ("my-policy:max-wait=1s", Named("my-policy", {"max-wait": "1s"})),
    ],
)
def test_reads_what_is_written(text: str, expected: Named) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "'' names no policy"),
        ("Guard", "'Guard' names no policy"),
        (":a=b", "':a=b' names no policy"),
        ("guard:slots", "'slots' names no key"),
        ("guard:,", "'' names no key"),
        ("guard:a=1,a=2", "a is given twice"),
    ],
)
def test_what_cannot_be_read(text: str, what: str) -> None:
    with pytest.raises(TextError) as caught:
        named(text)
    assert caught.value.what == what


def test_timeouts_are_settings_of_the_built_in_policy() -> None:
    assert settings_written("default=5s,long=1h") == {"default": "5s", "long": "1h"}
    assert settings_written("") == {}


# What is installed


def test_the_built_in_policy_comes_first_unless_it_is_placed(install: Install) -> None:
    install("good", {"good": "{}:Good"})
    assert [one.name for one in choose([])[0]] == ["timeout"]
    assert [one.name for one in choose([named("good")])[0]] == ["timeout", "good"]
    assert [one.name for one in choose([named("good"), named("timeout")])[0]] == ["good", "timeout"]


def test_a_policy_is_made_with_its_settings(install: Install) -> None:
    install("good", {"good": "{}:Good", "other": "{}:Good"})
    chosen, errors = choose([named("good:slots=5,deny=/a,/b"), named("other")])
    assert errors == []
    policies = [one.build() for one in chosen]
    assert [policy.name for policy in policies] == ["timeout", "good", "other"]
    assert vars(policies[1])["told"] == (5, 60.0, ("/a", "/b"), 1)
    assert vars(policies[2])["told"] == (2, 60.0, (), 1)


def test_the_chain_has_the_default_of_the_built_in_policy(install: Install) -> None:
    install("good", {"good": "{}:Good"})
    chosen, errors = choose([named("good")], {"default": "5s"})
    assert errors == []
    chain = built(chosen)
    assert repr(chain) == "<Chain timeout good>"
    timeout = chain.policies[0]
    assert isinstance(timeout, TimeoutPolicy)
    assert timeout.default == TrafficClass("DEFAULT", 5.0)


def test_the_list_imports_nothing(install: Install) -> None:
    install("broken", {"broken": "{}:Broken", "also": "{}:Also"}, "raise RuntimeError")
    assert Installed("also", "broken_of_the_tests:Also", "broken 1.5") in installed()
    assert "broken_of_the_tests" not in sys.modules
    assert [one.name for one in choose([])[0]] == ["timeout"]
    assert "broken_of_the_tests" not in sys.modules


# What stops the start


def test_nothing_of_that_name(install: Install) -> None:
    install("good", {"good": "{}:Good"})
    sentence = refused("gooood")
    assert sentence.startswith(
        "--policy gooood: no policy of that name is installed; did you mean good? installed are: "
    )


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import nothing_of_the_sort", "ModuleNotFoundError: No module named 'nothing_of_the_sort'"),
        ("1 +", "SyntaxError: invalid syntax (broken_of_the_tests.py, line 1)"),
        ("raise SystemExit('bye')", "SystemExit: bye"),
        ("Other = 1", "AttributeError: module 'broken_of_the_tests' has no attribute 'Broken'"),
    ],
)
def test_what_cannot_be_loaded(install: Install, code: str, cause: str) -> None:
    install("broken", {"broken": "{}:Broken"}, code)
    assert refused("broken") == (
        "--policy broken: the entry point broken = broken_of_the_tests:Broken of broken 1.5 cannot be loaded: " + cause
    )


@pytest.mark.parametrize("attribute", ["not_a_class", "duration", "Policy.request_received"])
def test_what_is_no_policy(install: Install, attribute: str) -> None:
    install("odd", {"odd": "{}:" + attribute})
    assert refused("odd") == (
        f"--policy odd: the entry point odd = odd_of_the_tests:{attribute} of odd 1.5 "
        "is not a class derived from webproxy.policy.Policy"
    )


@pytest.mark.parametrize(("attribute", "version"), [("Newer", "1.999"), ("Older", "0.1")])
def test_what_is_written_for_another_version(install: Install, attribute: str, version: str) -> None:
    install("odd", {"odd": "{}:" + attribute})
    assert f"of odd 1.5 is written for version {version} of webproxy.policy, this is 1.0" in refused("odd")


def test_two_that_install_the_same_name(install: Install) -> None:
    install("one", {"same": "{}:Good"})
    install("two", {"same": "{}:Good"})
    assert refused("same") == (
        "--policy same: one 1.5 and two 1.5 both install a policy of that name; uninstall one of them"
    )


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        (
            "good:slot=2",
            "--policy good:slot: there is no such key; did you mean slots? its keys are: slots, max-wait, deny, odd",
        ),
        ("good:slots=0", "--policy good:slots: 0 is out of range; give a whole number from 1 to 1000000000"),
        ("good:max-wait=60", "--policy good:max-wait: '60' has no unit; 60s are seconds, 60ms milliseconds"),
        ("good:odd=x", "--policy good:odd: 'x' is not right: invalid literal for int() with base 10: 'x'"),
        ("needy", "--policy needy:key: is missing; The key of the door."),
        ("bare:key=1", "--policy bare:key: there is no such key; it has no settings"),
        (
            "timeout:long=0",
            "--policy timeout:long: 0 would end every exchange at once; give a duration, or none for no limit",
        ),
    ],
)
def test_settings_that_are_wrong(install: Install, word: str, sentence: str) -> None:
    install("good", {"good": "{}:Good", "needy": "{}:Needy", "bare": "{}:Policy"})
    assert refused(word) == sentence


def test_what_is_said_twice() -> None:
    assert refused("timeout", "timeout") == (
        "--policy timeout: is given twice; give each policy once, with all of its settings"
    )
    assert refused("timeout:long=1h", timeouts={"long": "2h"}) == (
        "--policy timeout:long: is given by --timeout, too; give it once"
    )


def test_what_timeout_says_wrong_has_its_address() -> None:
    assert refused(timeouts={"long": "5"}) == (
        "--timeout long: '5' has no unit; 5s are seconds, 5ms milliseconds, or none for no limit"
    )
    assert refused(timeouts={"short": "5s"}).startswith(
        "--timeout short: there is no such key; its keys are: default, "
    )


def test_everything_that_is_wrong_is_told(install: Install) -> None:
    install("good", {"good": "{}:Good"})
    chosen, errors = choose([named("nobody"), named("good:slots=x"), named("good")], {"long": "x"}, "POLICY")
    assert [error.where for error in errors] == ["--timeout long", "POLICY nobody", "POLICY good:slots"]
    assert [one.name for one in chosen] == ["good"]


def test_a_class_that_refuses_its_values(install: Install) -> None:
    install("good", {"good": "{}:Good", "needy": "{}:Needy"})
    chosen, errors = choose([named("good:slots=13"), named("needy:key=x")])
    assert errors == []
    with pytest.raises(SettingsError) as caught:
        chosen[1].build()
    assert str(caught.value) == "--policy good: cannot be made: RuntimeError: thirteen slots"
    with pytest.raises(SettingsError, match="--policy needy: cannot be made: TypeError: "):
        chosen[2].build()


def test_loading_gives_the_class(install: Install) -> None:
    install("good", {"good": "{}:Good"})
    assert load("timeout", "here") is TimeoutPolicy
    assert issubclass(load("good", "here"), Policy)
