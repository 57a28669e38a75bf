"""What is said of the authority: a frozen value, already parsed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Challenge = Literal["dns-01", "http-01", "hook"]

PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory"
STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcmeSettings:
    """Who gives certificates, and how we show that the domain is ours. That its terms are agreed to is part of it.

    :param directory: URL of the authority's directory.
    :param challenge: how it is shown: ``dns-01`` by the router's own name server, ``hook`` as well, but by a command;
        ``http-01`` on port 80, a certificate for each name.
    :param email: where the authority may write to; empty for nowhere.
    :param eab_kid: the account there that ours belongs to (RFC 8555 §7.3.4); empty for none.
    :param eab_key: its MAC key, base64url.
    :param profile: which of the authority's kinds of certificates; empty for its own choice.
    :param hook: the command and its first words.
    :param ca: file of the authorities that the directory's own TLS is checked against; ``None``: those everybody knows.
    """

    directory: str = PRODUCTION
    challenge: Challenge = "dns-01"
    email: str = ""
    eab_kid: str = ""
    eab_key: str = ""
    profile: str = ""
    hook: tuple[str, ...] = ()
    ca: Path | None = None

    def __repr__(self) -> str:
        return f"AcmeSettings({self.directory}, {self.challenge})"

    @property
    def fingerprint(self) -> str:
        """A text that changes when an attempt may end otherwise than the last one, as something else was said."""
        said = (self.directory, self.challenge, self.email, self.eab_kid, self.eab_key, self.profile, *self.hook)
        return hashlib.sha256("\0".join((*said, str(self.ca or ""))).encode()).hexdigest()[:16]
