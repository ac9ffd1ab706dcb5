"""Which way each secret is kept: a small file beside the settings that never holds a secret."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from agent_tui.credentials.secret import CredentialsError
from agent_tui.locations import is_loose, read_lines, write_private

LARGEST = 256 * 1024
"""Bytes of the file; one reference takes a hundred."""
LONGEST_LINE = 16_000
"""Time grows with the square of the parts of a dotted key; no command is as long as that."""


class Way(StrEnum):
    """How a secret is kept."""

    KEYRING = "keyring"
    """The system's keyring."""
    VAULT = "vault"
    """A file of our own, encrypted, opened by a passphrase."""
    COMMAND = "command"
    """A program prints it, as `pass show …` does."""
    ENVIRONMENT = "environment"
    """A variable of the environment, for scripts."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """With it a refresh token becomes an access token. Its secrets are kept the same way as the token."""

    token_url: str
    client_id: str
    scope: str = ""
    has_secret: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """Where one secret is to be found."""

    way: Way
    name: str = ""
    """Under which the keyring or the vault has it. Not the account's alone: two workspaces may name one alike."""
    command: tuple[str, ...] = ()
    """Program and arguments; no shell sees them."""
    oauth: OAuthClient | None = None
    """What is kept is a refresh token; what is asked for is an access token."""


class References:
    """The file of references. Every read looks at the file, so that desk and worker agree."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, account: str, option: str) -> Reference | None:
        """The reference of one secret."""
        entry = self._load().get(account, {}).get(option)
        return None if entry is None else _reference(entry)

    def options(self, account: str) -> Sequence[str]:
        """Options of the account that have a reference."""
        return sorted(self._load().get(account, {}))

    def all(self) -> Mapping[str, Mapping[str, Reference]]:
        """Every reference, by account and option: for the doctor."""
        return {
            account: {option: _reference(entry) for option, entry in options.items()}
            for account, options in self._load().items()
        }

    def put(self, account: str, option: str, reference: Reference) -> None:
        """Remember where a secret is."""
        entry: dict[str, Any] = {"way": reference.way.value}
        if reference.name:
            entry["name"] = reference.name
        if reference.command:
            entry["command"] = list(reference.command)
        if reference.oauth is not None:
            entry["oauth"] = {
                "token_url": reference.oauth.token_url,
                "client_id": reference.oauth.client_id,
                "scope": reference.oauth.scope,
                "has_secret": reference.oauth.has_secret,
            }
        found = self._load()
        found.setdefault(account, {})[option] = entry
        self._store(found)

    def drop(self, account: str, option: str) -> None:
        """Forget where one secret is."""
        found = self._load()
        if found.get(account, {}).pop(option, None) is not None:
            self._store(found)

    def forget(self, account: str) -> None:
        """Forget all references of an account."""
        found = self._load()
        if found.pop(account, None) is not None:
            self._store(found)

    def _load(self) -> dict[str, dict[str, Any]]:
        try:
            content = read_lines(self._path, LARGEST, LONGEST_LINE)
        except FileNotFoundError:
            return {}
        except OSError:
            raise CredentialsError("broken_file", path=str(self._path)) from None
        if is_loose(self._path):
            # Who can write here names the command that we run.
            raise CredentialsError("loose_permissions", path=str(self._path))
        try:
            return tomllib.loads(content.decode())
        except (ValueError, RecursionError):  # no TOML, no UTF-8, lists within lists without end
            raise CredentialsError("broken_file", path=str(self._path)) from None

    def _store(self, found: Mapping[str, Any]) -> None:
        import tomlkit

        heading = "# Which way each secret is kept. The secrets themselves are not here.\n\n"
        write_private(self._path, (heading + tomlkit.dumps(found)).encode())


def _reference(entry: Any) -> Reference:
    try:
        oauth = entry.get("oauth")
        return Reference(
            way=Way(entry["way"]),
            name=str(entry.get("name", "")),
            command=tuple(str(part) for part in entry.get("command", ())),
            oauth=OAuthClient(**oauth) if oauth else None,
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        raise CredentialsError("broken_file", path="secrets.toml") from None
