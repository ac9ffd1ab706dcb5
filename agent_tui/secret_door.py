"""Where the desk's forms put secrets: the keyring, the vault, or the name of a command that prints them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from agent_tui.locations import Locations

if TYPE_CHECKING:
    from agent_tui.credentials import Credentials, Kept, Secret
    from agent_tui.desk.accounts import DoorState


class SecretDoor:
    """Keeps and forgets secrets, and opens the vault. Nothing heavy is imported before a form asks.

    The opened key stays in memory, and `opened` brings it to the worker. Every method blocks: a keyring may take its
    time, and a passphrase is made slow on purpose.
    """

    def __init__(
        self,
        locations: Locations,
        wish: str,
        vault_key: Secret | None = None,
        opened: Callable[[Secret], object] | None = None,
    ) -> None:
        self._locations = locations
        self._wish = wish
        self._key = vault_key
        self._opened = opened
        self._turn = threading.Lock()
        self._before: dict[str, Mapping[str, Kept]] = {}
        """What accounts had that are being tried with something else."""

    def look(self, account: str = "", refused: str = "") -> DoorState:
        """Where a secret typed now would go. A keyring that hangs costs its time limit; one that refused is not asked."""
        from agent_tui.credentials import KeyringState, probe
        from agent_tui.desk.accounts import DoorState, DoorWay

        with self._turn:
            credentials = self._credentials()
            variables = credentials.from_variables(account)
            reason = refused
            if not refused and self._wish != "vault" and not (account and credentials.in_vault(account)):
                state, _name = probe()
                if state is KeyringState.USABLE:
                    return DoorState(DoorWay.KEYRING, variables=variables)
                reason = state.value
            if not credentials.vault.exists:
                return DoorState(DoorWay.NEW, reason, variables)
            if not self._unlocked_by_file(credentials):
                return DoorState(DoorWay.CLOSED, reason, variables)
            self._wish = "vault"
            return DoorState(DoorWay.OPEN, reason, variables)

    def open(self, passphrase: str) -> None:
        """Open the vault, or make it where there is none; secrets go there from now on. Raises `wrong_passphrase`."""
        from agent_tui.config import save
        from agent_tui.credentials import Secret as Hidden

        with self._turn:
            vault = self._credentials().vault
            try:
                if vault.exists:
                    vault.unlock(Hidden(passphrase))
                else:
                    vault.create(Hidden(passphrase))
            except FileExistsError:  # another desk made it in this moment
                vault.unlock(Hidden(passphrase))
            self._key = vault.key
            if self._wish != "vault":
                save(self._locations.settings_file, {"secrets": "vault"})
                self._wish = "vault"
            if self._opened is not None and self._key is not None:
                self._opened(self._key)

    def keep(self, account: str, option: str, secret: str) -> None:
        """Put a secret away. It is never looked at for what it may mean. Raises `CredentialsError`."""
        self._credentials().keep(account, option, secret, self._wish)

    def keep_program(self, account: str, option: str, command: str) -> None:
        """Keep no secret, but the program that prints it. Raises `CredentialsError`."""
        import shlex

        self._credentials().put_command(account, option, shlex.split(command))

    def begin_trial(self, account: str) -> None:
        """What the account has is remembered; what is kept from now on is only tried."""
        self._before.pop(account, None)
        self._before[account] = self._credentials().kept(account)

    def put_back(self, account: str) -> None:
        """The account has again what it had before the trial; nothing where there was none."""
        if (before := self._before.pop(account, None)) is not None:
            self._credentials().put_back(account, before)

    def forget(self, account: str) -> None:
        """Take the secrets of an account out of where they are kept."""
        self._credentials().forget(account)

    def _credentials(self) -> Credentials:
        from agent_tui.credentials import Credentials

        return Credentials(self._locations, self._key)

    def _unlocked_by_file(self, credentials: Credentials) -> bool:
        from agent_tui.credentials import CredentialsError

        try:
            opened = credentials.unlock_by_file()
        except CredentialsError:  # the file that is named holds another passphrase: the person is asked
            return False
        if opened:
            self._key = credentials.vault.key
        return opened
