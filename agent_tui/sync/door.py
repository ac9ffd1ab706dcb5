"""Making the backend of an account: its options validated, its secrets behind a door, its memory in the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from agent_tui.backends.api import AccountContext, Backend, Misconfigured
from agent_tui.content.safe import safe
from agent_tui.domain.account import Account
from agent_tui.domain.text import SafeText
from agent_tui.sync.identity import email_key
from agent_tui.sync.services import StoreAccess, WorkerSettings


def make_backend(
    account: Account, accounts: Sequence[Account], settings: WorkerSettings, store: StoreAccess
) -> Backend:
    """A backend that is not open yet. Raises `Misconfigured`."""
    from pydantic import ValidationError

    kind = settings.find_backend(account.backend)
    try:
        options = kind.options.model_validate(dict(account.options))
    except ValidationError as error:
        # What was typed is not repeated: it may be a secret in the wrong place.
        where = ", ".join(sorted({str(e["loc"][0]) for e in error.errors() if e["loc"]}))
        raise Misconfigured("options", option=where) from error
    context = AccountContext(
        account=account.id,
        options=options,
        secret=_secret(account.id, settings),
        own_addresses=own_addresses([account, *accounts]),
        remember=_remember(account.id, store),
        recall=lambda key: store.store.recall(account.id, key),
        http=settings.http() if kind.wants_http and settings.http is not None else None,
    )
    return kind(context)


def own_addresses(accounts: Sequence[Account]) -> frozenset[str]:
    """Addresses of all accounts, in their normal form."""
    keys = (email_key(address) for account in accounts for address in addresses_of(account))
    return frozenset(key[1] for key in keys if key is not None)


def addresses_of(account: Account) -> tuple[SafeText, ...]:
    """The account's own addresses; from its options where it was kept without them."""
    if account.own_addresses:
        return account.own_addresses
    given = account.options.get("addresses") or [account.options.get("user", "")]
    found = [given] if isinstance(given, str) else [str(one) for one in given]
    return tuple(safe(one, one_line=True) for one in found if email_key(one) is not None)


def as_the_backend_says(account: Account, backend: Backend) -> Account:
    """The account with what its open backend can do; its addresses and name from the options where it has none yet."""
    options = backend.context.options
    own = addresses_of(account)
    name = account.own_name or safe(str(getattr(options, "name", "") or ""), one_line=True)
    return replace(account, capabilities=frozenset(backend.available), own_addresses=own, own_name=name)


def _secret(account: str, settings: WorkerSettings) -> Callable[[str], Awaitable[str]]:
    async def secret(option: str) -> str:
        return await settings.secret(account, option)

    return secret


def _remember(account: str, store: StoreAccess) -> Callable[[str, str], Awaitable[None]]:
    async def remember(key: str, value: str) -> None:
        await store.call(store.store.remember, account, key, value)

    return remember
