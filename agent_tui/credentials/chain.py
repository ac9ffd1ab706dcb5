"""Where the ways to keep a secret come together."""

from __future__ import annotations

import asyncio
import os
import re
import secrets as _secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui.credentials.handover import SECRET_PREFIX
from agent_tui.credentials.references import OAuthClient, Reference, References, Way
from agent_tui.credentials.secret import CredentialsError, Secret
from agent_tui.credentials.vault import Vault
from agent_tui.locations import Locations

if TYPE_CHECKING:
    from agent_tui.credentials.oauth import AccessToken, PostForm

PASSPHRASE_FILE = "AGENT_TUI_VAULT_PASSPHRASE_FILE"  # noqa: S105
"""Names a file with the vault's passphrase, for a worker that runs by itself."""
SYSTEMD_CREDENTIAL = "agent-tui-vault"
"""The same as a credential of systemd (`LoadCredential=agent-tui-vault:…`)."""

_CLIENT = "/client"


def variable(account: str, option: str) -> str:
    """The name of the environment variable that may hold a secret."""
    return SECRET_PREFIX + re.sub(r"[^A-Z0-9]", "_", f"{account}_{option}".upper())


@dataclass(frozen=True, slots=True)
class Kept:
    """One secret as an account had it, so that it can have it again."""

    reference: Reference
    secret: Secret | None
    """What lay in the keyring or the vault; None where another way keeps it, or it could not be had."""


class Credentials:
    """The secrets of one workspace. Calls block (a keyring, a program): `fetch` is the one for an event loop.

    Without `post` no access token can be had: only who talks to servers needs one.
    """

    def __init__(
        self,
        locations: Locations,
        vault_key: Secret | None = None,
        environment: Mapping[str, str] | None = None,
        post: PostForm | None = None,
    ) -> None:
        self.references = References(locations.secrets_file)
        self.vault = Vault(locations.vault_file, vault_key)
        self._environment = os.environ if environment is None else environment
        self._post = post
        self._tokens: dict[tuple[str, str], AccessToken] = {}

    def put(self, account: str, option: str, secret: Secret, way: Way, oauth: OAuthClient | None = None) -> None:
        """Keep a secret in the keyring or the vault, and remember where."""
        known = self.references.of(account, option)
        same = known is not None and known.way is way and known.name
        name = known.name if known is not None and same else f"{account}/{option}/{_secrets.token_hex(4)}"
        self._keep(way, name, secret)
        self.references.put(account, option, Reference(way, name, oauth=oauth))

    def keep(self, account: str, option: str, secret: str, wish: str = "") -> Way:
        """Keep a secret the way the settings say, else in the keyring. Never anywhere in clear: raises instead."""
        way = Way(wish) if wish else Way.KEYRING
        if way is Way.VAULT and not self.unlock_by_file() and not self.vault.exists:
            raise CredentialsError("vault_missing", path=str(self.vault.path))
        self.put(account, option, Secret(secret), way)
        return way

    def kept(self, account: str) -> Mapping[str, Kept]:
        """The secrets that an account has, to be put back after others were tried.

        One that cannot be had now does not come back either: it was of no use, and what is tried goes over it.
        """
        found = {}
        for option, reference in self.references.all().get(account, {}).items():
            secret = None
            if reference.way in (Way.KEYRING, Way.VAULT):
                try:
                    secret = self._kept(reference.way, reference.name)
                except CredentialsError:
                    pass
            found[option] = Kept(reference, secret)
        return found

    def put_back(self, account: str, before: Mapping[str, Kept]) -> None:
        """Give an account the secrets that it had, and take out those that were tried."""
        tried = self.references.all().get(account, {})
        for option, had in before.items():
            if had.secret is not None:
                self._keep(had.reference.way, had.reference.name, had.secret)
            self.references.put(account, option, had.reference)
        names = {had.reference.name for had in before.values()}
        for option, reference in tried.items():
            if option not in before:
                self.references.drop(account, option)
            if reference.name and reference.name not in names:
                self._take_out(reference.way, reference.name)

    def put_client_secret(self, account: str, option: str, secret: Secret) -> None:
        """Keep the client's secret of an OAuth token that was put before."""
        reference = self.references.of(account, option)
        if reference is None or not reference.name:
            raise CredentialsError("not_stored", account=account, option=option)
        self._keep(reference.way, reference.name + _CLIENT, secret)

    def put_command(self, account: str, option: str, command: Sequence[str], oauth: OAuthClient | None = None) -> None:
        """The secret is what a program prints."""
        self.references.put(account, option, Reference(Way.COMMAND, command=tuple(command), oauth=oauth))

    def put_environment(self, account: str, option: str) -> None:
        """The secret stands in the environment, and only there."""
        self.references.put(account, option, Reference(Way.ENVIRONMENT))

    def forget(self, account: str) -> None:
        """Take all secrets of an account out of where they are kept."""
        for option in self.references.options(account):
            reference = self.references.of(account, option)
            if reference is None or not reference.name:
                continue
            names = [reference.name]
            if reference.oauth is not None:
                names.append(reference.name + _CLIENT)
            self._take_out(reference.way, *names)
        self.references.forget(account)

    def stored(self, account: str, option: str) -> Secret:
        """What is kept, as it is kept.

        A variable of the environment is used where the reference names it, or there is none. One left over from before
        would else go before the password that was typed to mend the account, for ever.
        """
        reference = self.references.of(account, option)
        if reference is None or reference.way is Way.ENVIRONMENT:
            given = self._environment.get(variable(account, option), "")
            if given:
                return Secret(given)
        if reference is None:
            raise CredentialsError("not_stored", account=account, option=option)
        if reference.way is Way.COMMAND:
            from agent_tui.credentials import command_way

            return command_way.run(reference.command)
        if reference.way is Way.ENVIRONMENT:
            raise CredentialsError("variable_missing", variable=variable(account, option))
        return self._kept(reference.way, reference.name)

    async def fetch(self, account: str, option: str) -> Secret:
        """The secret a server is to be given: what is kept, or the access token that it stands for."""
        reference = await asyncio.to_thread(self.references.of, account, option)
        if reference is None or reference.oauth is None:
            return await asyncio.to_thread(self.stored, account, option)
        cached = self._tokens.get((account, option))
        if cached is not None and cached.fresh(time.monotonic()):
            return cached.token
        from agent_tui.credentials.oauth import refresh

        if self._post is None:
            raise CredentialsError("oauth_failed", reason="no_line")
        kept = await asyncio.to_thread(self.stored, account, option)
        client_secret = None
        if reference.oauth.has_secret:
            client_secret = await asyncio.to_thread(self._kept, reference.way, reference.name + _CLIENT)
        token = await refresh(reference.oauth, kept, client_secret, self._post)
        if token.refresh_token is not None and reference.way in (Way.KEYRING, Way.VAULT):
            # Some issuers take the old one back at once: losing the new one would lock the account out.
            await asyncio.to_thread(self._keep, reference.way, reference.name, token.refresh_token)
        self._tokens[(account, option)] = token
        return token.token

    def drop_token(self, account: str) -> None:
        """Forget access tokens of an account: a server refused one."""
        for key in [key for key in self._tokens if key[0] == account]:
            del self._tokens[key]

    def unlock_by_file(self) -> bool:
        """Open the vault where the passphrase lies in a file that was named to us; true if it is open."""
        if self.vault.key is not None:
            return True
        passphrase = self.given_passphrase() if self.vault.exists else None
        if passphrase is None:
            return False
        self.vault.unlock(passphrase)
        return True

    def given_passphrase(self) -> Secret | None:
        """The passphrase that lies in a file named to us."""
        path = self._passphrase_file()
        try:
            return None if path is None else Secret(path.read_bytes().rstrip(b"\r\n"))
        except OSError:
            return None

    def in_vault(self, account: str) -> bool:
        """Some secret of this account lies in the vault."""
        found = self.references.all().get(account, {})
        return any(reference.way is Way.VAULT for reference in found.values())

    def from_variables(self, account: str) -> tuple[str, ...]:
        """Variables that secrets of this account are to come from."""
        found = self.references.all().get(account, {})
        return tuple(variable(account, name) for name, kept in found.items() if kept.way is Way.ENVIRONMENT)

    def is_idle(self, account: str, option: str, reference: Reference) -> bool:
        """A variable of the environment has this secret, and another way of keeping it goes before."""
        return reference.way is not Way.ENVIRONMENT and bool(self._environment.get(variable(account, option), ""))

    @property
    def needs_passphrase(self) -> bool:
        """Some secret lies in the vault, and it is closed."""
        if self.vault.key is not None or not self.vault.exists:
            return False
        return any(
            reference.way is Way.VAULT for options in self.references.all().values() for reference in options.values()
        )

    def _passphrase_file(self) -> Path | None:
        if named := self._environment.get(PASSPHRASE_FILE, ""):
            return Path(named)
        if folder := self._environment.get("CREDENTIALS_DIRECTORY", ""):
            path = Path(folder) / SYSTEMD_CREDENTIAL
            return path if path.exists() else None
        return None

    def _kept(self, way: Way, name: str) -> Secret:
        if way is Way.VAULT:
            return self.vault.read(name)
        from agent_tui.credentials import keyring_way

        return keyring_way.read(name)

    def _keep(self, way: Way, name: str, secret: Secret) -> None:
        if way is Way.VAULT:
            self.vault.write({name: secret})
        elif way is Way.KEYRING:
            from agent_tui.credentials import keyring_way

            keyring_way.write(name, secret)
        else:
            raise ValueError(f"nothing can be put there: {way}")

    def _take_out(self, way: Way, *names: str) -> None:
        if way is Way.VAULT:
            self.vault.write(dict.fromkeys(names))
        elif way is Way.KEYRING:
            from agent_tui.credentials import keyring_way

            for name in names:
                keyring_way.delete(name)
