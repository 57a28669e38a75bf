"""What several sources say -> the settings.

Rule of this file: who speaks first wins (option, then environment, then instance file, then defaults), every text is
parsed once with the address of whoever said it, and all that is wrong is told in one go.
"""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, Any, NamedTuple

from webproxy.errors import SettingsError
from webproxy.settings.model import Settings
from webproxy.settings.options import OPTIONS
from webproxy.settings.policies import choose
from webproxy.settings.together import contradictions
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from webproxy.settings.options import Option
    from webproxy.settings.policies import Chosen


class Given(NamedTuple):
    """What one source says of one option.

    :param texts: as written; several only for a repeatable option.
    :param where: the address for errors: ``--port``, a variable, a file with a key path.
    """

    texts: tuple[str, ...]
    where: str


class SeveralSettingsError(SettingsError):
    """More than one setting is wrong.

    :param errors: each of them, in the order of the table of options.
    """

    def __init__(self, errors: list[SettingsError]) -> None:
        super().__init__(errors[0].where, errors[0].what, errors[0].right)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        """A line each."""
        return "\n".join(str(error) for error in self.errors)


def settle(*sources: Mapping[str, Given]) -> Settings:
    """Make settings of what the sources say.

    :param sources: by name of option; the first one wins.
    :raises SettingsError: one setting is wrong or missing.
    :raises SeveralSettingsError: several are.
    """
    said = ChainMap(*(dict(source) for source in sources))
    errors: list[SettingsError] = []
    values: dict[str, Any] = {}
    for option in OPTIONS:
        try:
            values[option.name] = _value(option, said.get(option.name))
        except SettingsError as error:  # noqa: PERF203 - all that is wrong is told in one go
            errors.append(error)
    chosen, wrong = choose(values.pop("policy", ()), values.pop("timeout", {}))
    errors += wrong
    if not errors:
        settings = _settings(values, chosen)
        errors = contradictions(settings, {name: given.where for name, given in said.items()})
    if errors:
        raise errors[0] if len(errors) == 1 else SeveralSettingsError(errors)
    return settings


def _value(option: Option, given: Given | None) -> object:
    """Parse what is said of one option, or its default."""
    if given is None:
        if option.required:
            raise SettingsError(f"--{option.name}", "not given", f"write --{option.name} {option.example}")
        given = Given((option.default,) if option.default is not None else (), f"--{option.name}")
    try:
        parsed = tuple(option.parse(text) for text in given.texts)
    except TextError as wrong:
        raise SettingsError(given.where, wrong.what, wrong.right) from None
    return parsed if option.repeatable else parsed[0]


def _settings(values: dict[str, Any], chosen: tuple[Chosen, ...]) -> Settings:
    """Name the parsed values as the model does."""
    named = {name.replace("-", "_"): value for name, value in values.items()}
    return Settings(policies=chosen, **named)
