"""An account on trial: what it had comes back, options and secrets, unless the new ones work or are kept anyway."""

from __future__ import annotations

from agent_tui.desk.accounts import AccountDraft, Accounts
from agent_tui.domain.account import Account


class Trial:
    """The worker tries what stands in the store, so it is kept to be tried: here is known how to undo that."""

    def __init__(self, accounts: Accounts, existing: Account | None) -> None:
        self._accounts = accounts
        self._existing = existing
        self._begun = self._secrets_begun = False
        self.saved: AccountDraft | None = None
        """What was tried last."""

    async def keep_to_try(self, draft: AccountDraft) -> None:
        """Keep it for the worker. Raises `SecretNotKept` and `StoreError`."""
        first = self._existing is not None and bool(draft.secrets or draft.programs) and not self._secrets_begun
        self._begun = True
        self._secrets_begun = self._secrets_begun or first
        await self._accounts.save(draft, on_trial=first)
        self.saved = draft

    def settle(self) -> None:
        """It stays as it was tried."""
        self._begun = False

    async def take_back(self) -> None:
        """As if nothing had been tried; a second time does nothing. Raises `SecretNotKept` and `StoreError`."""
        if not self._begun:
            return
        self._begun = False
        if self._existing is None:
            if self.saved is not None:
                await self._accounts.remove(self.saved.account.id)
            return
        try:
            await self._accounts.put_back(self._existing, secrets=self._secrets_begun)
        finally:  # its line may have been refused meanwhile: a look that goes well connects it again
            await self._accounts.check(self._existing.id)
