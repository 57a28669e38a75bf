"""Which policies are asked: ``--policy NAME[:key=value,...]`` -> classes and values, found as entry points.

Rule of this file: what is not named is never imported, and what is named and cannot be used stops the start with a
sentence that says whose fault it is. Classes and values come out; the policies are made by :meth:`Chosen.build`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, NamedTuple

from webproxy.errors import SettingsError
from webproxy.policy import API_VERSION, Policy
from webproxy.policy.chain import Chain
from webproxy.policy.outcome import BUILT_IN
from webproxy.policy.setting import KEY, TextError
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.settings.address import KeyAddress, inside
from webproxy.settings.wrong import near_miss

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from webproxy.policy import Setting
    from webproxy.policy.chain import Report

GROUP = "webproxy.policies"
"""The group of entry points in which policies are installed."""


_ITEM = re.compile(rf"({KEY})=(.*)", re.DOTALL)


class Installed(NamedTuple):
    """A policy that is installed, as its distribution's metadata say.

    :ivar name: what ``--policy`` calls it.
    :ivar value: where its class is, ``module:attribute``.
    :ivar distribution: what was installed, with its version.
    """

    name: str
    value: str
    distribution: str


class Named(NamedTuple):
    """A policy as somebody has named it.

    :ivar name: of the policy.
    :ivar texts: its settings as written.
    """

    name: str
    texts: dict[str, str]


class Said(NamedTuple):
    """The text of one setting.

    :ivar text: as written.
    :ivar where: the address for errors.
    """

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A policy that can be made.

    :param name: what the log calls it.
    :param made_by: its class.
    :param values: all of its settings, by keyword.
    :param where: the address for errors.
    """

    name: str
    made_by: type[Policy]
    values: Mapping[str, Any]
    where: str

    def build(self) -> Policy:
        """Make the policy.

        :raises SettingsError: its class refuses the values.
        """
        try:
            policy = self.made_by(**self.values)
            policy.name = self.name
        except Exception as error:
            raise SettingsError(self.where, f"cannot be made: {_cause(error)}", "") from error
        return policy

    def like(self, other: Chosen) -> bool:
        """Tell whether ``other`` is the same policy with the same values, wherever that is written."""
        return (self.name, self.made_by, self.values) == (other.name, other.made_by, other.values)


def installed() -> list[Installed]:
    """List the policies that are installed, in the order of their names; nothing is imported."""
    found = {
        Installed(point.name, point.value, f"{point.dist.name} {point.dist.version}" if point.dist else "nobody knows")
        for point in entry_points(group=GROUP)
    }
    return sorted(found)


def named(text: str) -> Named:
    """Read ``NAME`` or ``NAME:key=value,key=value``. What stands after a comma without ``key=`` goes on with a list.

    :raises TextError: no name, no key, or a key given twice.
    """
    name, _, rest = text.partition(":")
    if not re.fullmatch(KEY, name):
        raise TextError(f"{text!r} names no policy", "write NAME or NAME:key=value,key=value")
    return Named(name, settings_written(rest))


def settings_written(text: str) -> dict[str, str]:
    """Read ``key=value,key=value``; empty for nothing.

    :raises TextError: no key, or a key given twice.
    """
    texts: dict[str, str] = {}
    key = ""
    for item in text.split(",") if text else ():
        if begins := _ITEM.fullmatch(item.strip()):
            key = begins[1]
            if key in texts:
                raise TextError(f"{key} is given twice", "give each key once")
            texts[key] = begins[2]
        elif key:
            texts[key] += f",{item}"
        else:
            raise TextError(f"{item!r} names no key", "write key=value")
    return texts


def choose(
    policies: Sequence[Named],
    timeouts: Mapping[str, str] | None = None,
    where: str | None = None,
    apart: str | None = None,
) -> tuple[tuple[Chosen, ...], list[SettingsError]]:
    """Find and check what is named; the built-in policy comes first unless it is named itself.

    :param policies: in the order in which they are to be asked.
    :param timeouts: what ``--timeout`` says: settings of the built-in policy.
    :param where: the address of the policies, for errors.
    :param apart: the address of ``timeouts``.
    :returns: what can be used, and what is wrong with the rest.
    """
    wanted = list(policies)
    if BUILT_IN not in (policy.name for policy in wanted):
        wanted.insert(0, Named(BUILT_IN, {}))
    chosen: dict[str, Chosen] = {}
    errors: list[SettingsError] = []
    for policy in wanted:
        address = inside(where or "--policy", policy.name)
        limits = (timeouts or {}) if policy.name == BUILT_IN else {}
        try:
            _once(policy, limits, chosen, address)
            said = {key: Said(text, _key(address, key)) for key, text in policy.texts.items()}
            said.update((key, Said(text, inside(apart or "--timeout", key))) for key, text in limits.items())
            made_by = load(policy.name, address)
            values, wrong = _values(made_by.settings, said, address)
        except SettingsError as error:
            errors.append(error)
            continue
        errors += wrong
        if not wrong:
            chosen[policy.name] = Chosen(policy.name, made_by, values, address)
    return tuple(chosen.values()), errors


def _key(address: str, key: str) -> str:
    """Give the address of a policy's setting."""
    return inside(address, key) if isinstance(address, KeyAddress) else f"{address}:{key}"


def _once(policy: Named, limits: Mapping[str, str], chosen: Mapping[str, Chosen], where: str) -> None:
    """Check that nothing is said twice.

    :raises SettingsError: it is.
    """
    if policy.name in chosen:
        raise SettingsError(where, "is given twice", "give each policy once, with all of its settings")
    for key in policy.texts:
        if key in limits:
            raise SettingsError(_key(where, key), "is given by --timeout, too", "give it once")


def built(chosen: Iterable[Chosen], report: Report | None = None, made: Iterable[tuple[Chosen, Policy]] = ()) -> Chain:
    """Make the chain of policies that were chosen.

    :param report: learns of every hook that raises.
    :param made: policies that exist already: one that is chosen as before stays, with all that it remembers.
    :raises SettingsError: a policy's class refuses its values.
    """
    kept = {before.name: (before, policy) for before, policy in made}
    policies = []
    for one in chosen:
        before, policy = kept.get(one.name, (one, None))
        policies.append(one.build() if policy is None or not one.like(before) else policy)
    defaults = [policy.default for policy in policies if isinstance(policy, TimeoutPolicy)]
    return Chain(policies, report, *defaults[:1])


def load(name: str, where: str) -> type[Policy]:
    """Import a policy's class.

    :param where: the address for errors.
    :raises SettingsError: nothing or too much is installed under that name, or it cannot be used.
    """
    if name == BUILT_IN:
        return TimeoutPolicy
    found = [one for one in installed() if one.name == name]
    if not found:
        raise SettingsError(where, "no policy of that name is installed", _which(name))
    if len(found) > 1:
        owners = " and ".join(one.distribution for one in found)
        raise SettingsError(where, f"{owners} both install a policy of that name", "uninstall one of them")
    one = found[0]
    point = f"the entry point {one.name} = {one.value} of {one.distribution}"
    try:
        made_by = EntryPoint(one.name, one.value, GROUP).load()
    except (Exception, SystemExit) as error:
        raise SettingsError(where, f"{point} cannot be loaded: {_cause(error)}", "") from error
    if not (isinstance(made_by, type) and issubclass(made_by, Policy)):
        raise SettingsError(where, f"{point} is not a class derived from webproxy.policy.Policy")
    major, minor = made_by.requires_api
    if major != API_VERSION[0] or minor > API_VERSION[1]:
        here = "{}.{}".format(*API_VERSION)
        raise SettingsError(where, f"{point} is written for version {major}.{minor} of webproxy.policy, this is {here}")
    return made_by


def _values(
    settings: Sequence[Setting], said: Mapping[str, Said], where: str
) -> tuple[dict[str, Any], list[SettingsError]]:
    """Parse what is said of each setting, or its default.

    :returns: the values by keyword; and what is wrong: an unknown key, a bad value, or one that is missing.
    """
    keys = [setting.name for setting in settings]
    known = f"its keys are: {', '.join(keys)}" if keys else "it has no settings"
    errors = [
        SettingsError(said[key].where, "there is no such key", _meant(key, keys) + known)
        for key in said
        if key not in keys
    ]
    values: dict[str, Any] = {}
    for setting in settings:
        try:
            values[setting.keyword] = _value(setting, said.get(setting.name), where)
        except SettingsError as error:  # noqa: PERF203 - all that is wrong is told in one go
            errors.append(error)
    return values, errors


def _value(setting: Setting, said: Said | None, where: str) -> Any:
    address = _key(where, setting.name)
    if said is None:
        if setting.default is None:
            raise SettingsError(address, "is missing", setting.help)
        said = Said(setting.default, address)
    try:
        return setting.parse(said.text)
    except TextError as error:
        raise SettingsError(said.where, error.what, error.right) from None
    except ValueError as error:
        raise SettingsError(said.where, f"{said.text!r} is not right: {error}") from None


def _meant(word: str, known: Sequence[str]) -> str:
    meant = near_miss(word, known)
    return f"did you mean {meant}? " if meant else ""


def _which(name: str) -> str:
    names = [one.name for one in installed()]
    return _meant(name, names) + (f"installed are: {', '.join(names)}" if names else "none is")


def _cause(error: BaseException) -> str:
    """Say in one line what somebody else's code raised."""
    return " ".join(f"{type(error).__name__}: {error}".split())
