"""What several sources say -> the settings.

Rule of this file: who speaks first wins (option, then environment, then instance file, then defaults), every text is
parsed once with the address of whoever said it, and all that is wrong is told in one go.
"""

from __future__ import annotations

from collections import ChainMap
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from webproxy.errors import SettingsError
from webproxy.settings.credentials import credential_sources
from webproxy.settings.model import Settings
from webproxy.settings.options import OPTIONS
from webproxy.settings.policies import choose
from webproxy.settings.together import contradictions
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from webproxy.settings.options import Option
    from webproxy.settings.policies import Chosen


class Given(NamedTuple):
    """What one source says of one option.

    :param texts: as written; several only for a repeatable option.
    :param where: the address for errors: ``--port``, a variable, a file with a key path.
    :param places: the address of each text, where they have their own.
    """

    texts: tuple[str, ...]
    where: str
    places: tuple[str, ...] = ()


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


def all_of(error: SettingsError) -> tuple[SettingsError, ...]:
    """Give every error that ``error`` tells."""
    return error.errors if isinstance(error, SeveralSettingsError) else (error,)


def settle(*sources: Mapping[str, Given], wrong: Iterable[SettingsError] = (), file: str = "") -> Settings:
    """Make settings of what the sources say.

    :param sources: by name of option; the first one wins.
    :param wrong: what was found wrong while the sources were read.
    :param file: where a setting that is missing should stand; on the command line, if nothing else is said.
    :raises SettingsError: one setting is wrong or missing.
    :raises SeveralSettingsError: several are.
    """
    said = ChainMap(*(dict(source) for source in sources))
    errors = list(wrong)
    values = values_of(OPTIONS, said, errors, {error.where for error in errors}, file)
    where = {name: given.where for name, given in said.items()}
    chosen, unusable = choose(
        values.pop("policy", ()), values.pop("timeout", {}), where.get("policy"), where.get("timeout")
    )
    errors += unusable
    if not errors:
        settings = _settings(values, chosen)
        errors = contradictions(settings, where)
    if errors:
        raise errors[0] if len(errors) == 1 else SeveralSettingsError(errors)
    return settings


def values_of(
    table: Iterable[Option],
    said: Mapping[str, Given],
    errors: list[SettingsError],
    told: Container[str] = (),
    file: str = "",
) -> dict[str, Any]:
    """Parse what is said of each option of a table; what is wrong joins ``errors``, unless it is ``told`` already."""
    values: dict[str, Any] = {}
    for option in table:
        given = said.get(option.name)
        if given is None:
            if option.required:
                errors.append(_missing(option, file))
                continue
            if option.default is None and not option.repeatable:
                continue
            given = Given((option.default,) if option.default is not None else (), f"--{option.name}")
        elif given.where in told:
            continue
        parsed = list(_parsed(option, given, errors))
        if len(parsed) == len(given.texts):
            values[option.name] = tuple(parsed) if option.repeatable else parsed[0]
    return values


def _parsed(option: Option, given: Given, errors: list[SettingsError]) -> Iterator[object]:
    """Parse each text; what is wrong joins ``errors``."""
    for text, where in zip_longest(given.texts, given.places, fillvalue=given.where):
        try:
            yield option.parse(text)
        except TextError as wrong:  # noqa: PERF203 - all that is wrong is told in one go
            errors.append(SettingsError(where, wrong.what, wrong.right))


def _missing(option: Option, file: str) -> SettingsError:
    if file:
        return SettingsError(f"{file}: {option.name}", "not given", f"write {option.name} = {literal(option.example)}")
    return SettingsError(f"--{option.name}", "not given", f"write --{option.name} {option.example}")


def literal(text: str) -> str:
    """Write an option's text the way a file would: numbers bare, texts in quotes."""
    return text if text.isdecimal() else f'"{text}"'


def _settings(values: dict[str, Any], chosen: tuple[Chosen, ...]) -> Settings:
    """Name the parsed values as the model does."""
    values["credentials"] = credential_sources(values)
    values["cors-origins"] = tuple(origin for origins in values.pop("cors-origin", ()) for origin in origins)
    if "upstream-authorization-file" in values:
        values["upstream-authorization"] = values.pop("upstream-authorization-file")
    named = {name.replace("-", "_"): value for name, value in values.items()}
    return Settings(policies=chosen, **named)
