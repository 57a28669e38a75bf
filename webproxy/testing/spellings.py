"""Spellings of a path: whatever somebody might try who was told that it is closed.

Rule of this file: each way rewrites a path; ways are put one on the other, and the same path gives the same spellings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from random import Random
from typing import TypeAlias

Way: TypeAlias = Callable[[Random, str], str]


def spellings(path: str, number: int = 200) -> Iterator[str]:
    """Spell a path so many times: by case, escapes, slashes, dots, parameters, prefixes, and in absolute form.

    A service that forgives much reads each of them as the path, or as the path below one of the prefixes under which
    services stand; most services read most of them as something else.

    :param path: plain, ``/api/delete``.
    :param number: at most the number of combinations, 1925; the same spelling may come more than once.
    """
    random = Random(path)  # noqa: S311 - nothing is secret
    for before, after, inside, letters in random.sample(list(product(BEFORE, AFTER, INSIDE, LETTERS)), number):
        yield before(random, after(random, _in_words(random, letters, inside(random, path))))


def _in_words(random: Random, way: Way, path: str) -> str:
    """Rewrite the words of a path, and leave its escapes as they are."""

    def word(part: str) -> str:
        return way(random, part) if any(map(str.isalpha, part)) else part

    first, *escapes = path.split("%")
    return "%".join([word(first), *(escape[:2] + word(escape[2:]) for escape in escapes)])


def _as_it_is(_random: Random, path: str) -> str:
    return path


def _letter(random: Random, path: str) -> int:
    """Say where a letter is."""
    return random.choice([place for place, sign in enumerate(path) if sign.isalpha()])


def _escape(sign: str, random: Random) -> str:
    return random.choice(("%%%02x", "%%%02X")) % ord(sign)


def _one_letter(random: Random, path: str) -> str:
    place = _letter(random, path)
    return path[:place] + _escape(path[place], random) + path[place + 1 :]


def _one_letter_twice(random: Random, path: str) -> str:
    place = _letter(random, path)
    return path[:place] + _escape(path[place], random).replace("%", "%25") + path[place + 1 :]


def _every_letter(random: Random, path: str) -> str:
    return "".join(_escape(sign, random) if sign.isalpha() else sign for sign in path)


def _some_case(random: Random, path: str) -> str:
    return "".join(random.choice((sign.upper(), sign.lower())) for sign in path)


def _in_capitals(_random: Random, path: str) -> str:
    return path.upper()


def _between(*choices: str) -> Way:
    """Write something else for a slash that is not the first."""

    def spell(random: Random, path: str) -> str:
        places = [place for place, sign in enumerate(path) if sign == "/"]
        place = random.choice(places[1:] or places)
        return path[:place] + random.choice(choices) + path[place + 1 :] if place else path

    return spell


def _behind(*choices: str) -> Way:
    return lambda random, path: path + random.choice(choices)


def _in_front(*choices: str) -> Way:
    return lambda random, path: random.choice(choices) + path


LETTERS: tuple[Way, ...] = (_one_letter, _every_letter, _some_case, _in_capitals, _as_it_is)
INSIDE: tuple[Way, ...] = (
    _between("//", "///", "/////"),
    _between("/./", "/././", "/%2e/", "/%2E/./"),
    _between("/x/../", "/x/%2e%2e/", "/x/.%2E/", "/x//../", "//../x/", "/%2e/../x/../"),
    _between("%2f", "%2F", "/%2f", "%2f/"),
    _between("\\", "%5c", "%5C", "/\\", "%5C/"),
    _between("%252f", "%255c", "/%252e/", "/x/%252e%252e/"),
    _between("%c0%af", "%e0%80%af", "/%c0%ae/"),
    _between("/%0a/", "%00/", "%09/", "/%0d%0a"),
    _between(";v=1/", ";/", ";a;b=c/"),
    _one_letter_twice,
    _as_it_is,
)
AFTER: tuple[Way, ...] = (
    _behind("/", "//", "/?", "?", "?x=1", "/?x=/../"),
    _behind("%00", "%0a", "%0A", "%0d", "%09", "%00.html", "%7f"),
    _behind(";x=1", ";", ";/", ";jsessionid=1?x"),
    _behind("%3f", "%3Fx=1", "%23", "%23x", "%253f"),
    _behind("/.", "/x/..", "/./", "/%2e", "/%2e%2e/x/%2E%2E"),
    _behind("\\", "%5c", "%2f", "%2F"),
    _as_it_is,
)
BEFORE: tuple[Way, ...] = (
    _in_front("/ollama", "/proxy/11434", "/user/alice/proxy/11434", "//ollama/", "/OLLAMA"),
    _in_front("/", "//", "//somewhere", "//somewhere:80", "/."),
    _in_front("/..", "/../..", "/%2e%2e", "/x/..", "/x/%2e%2e/.."),
    _in_front("http://somewhere", "http://somewhere:80", "HTTP://SOMEWHERE/", "http://somewhere/ollama"),
    _as_it_is,
)
