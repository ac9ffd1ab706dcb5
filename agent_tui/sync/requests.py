"""What the desk asks of the network: each request is answered, whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from agent_tui.backends.api import Misconfigured
from agent_tui.domain.account import Account
from agent_tui.store.ports import StoreError, WorkRequest
from agent_tui.sync.account_runner import AccountRunner
from agent_tui.sync.door import make_backend
from agent_tui.sync.services import StoreAccess, WorkerSettings, fault_of

LIMIT = 180.0
"""Seconds after which a request is answered with `unreachable`."""

log = logging.getLogger(__name__)


class Requests:
    """Takes requests out of the store and answers them, side by side."""

    def __init__(self, settings: WorkerSettings, store: StoreAccess, limit: float = LIMIT) -> None:
        self._settings = settings
        self._store = store
        self._limit = limit
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, runners: Mapping[str, AccountRunner], accounts: Sequence[Account]) -> None:
        """Begin what was asked since the last time."""
        for request in await self._store.call(self._store.store.requests):
            task = asyncio.ensure_future(self._answer(request, runners.get(request.account), accounts))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @property
    def busy(self) -> bool:
        """Something is being answered."""
        return bool(self._tasks)

    async def finish(self, seconds: float) -> None:
        """Give what is being answered some time."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def stop(self) -> None:
        """Give up what is being answered; a later worker takes it up again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, request: WorkRequest, runner: AccountRunner | None, accounts: Sequence[Account]) -> None:
        result: dict[str, Any]
        try:
            async with asyncio.timeout(self._limit):
                result = await self._do(request, runner, accounts)
            ok = True
        except TimeoutError:
            ok, result = False, {"code": "unreachable", "parameters": {}}
        except Exception as error:
            fault = fault_of(error)
            if fault.code == "backend_failed":
                log.exception("request %s failed", request.kind)
            ok, result = False, {"code": fault.code, "parameters": dict(fault.parameters)}
        try:
            await self._store.call(self._store.store.answer, request.id, ok=ok, result=result)
        except StoreError as error:
            log.warning("a request could not be answered: %s", error.code)

    async def _do(
        self, request: WorkRequest, runner: AccountRunner | None, accounts: Sequence[Account]
    ) -> dict[str, Any]:
        if request.kind == "check":
            return await self._check(request.account, runner, accounts)
        if runner is None:
            raise Misconfigured("no such account", account=request.account)
        match request.kind:
            case "pull":
                await runner.pull_now()
            case "fetch_body":
                whole = await runner.fetch_body(int(request.arguments["message"]))
                return {"read": whole}
            case "settle":
                await runner.prove_now()
            case _:
                raise Misconfigured("unknown request", kind=request.kind)
        return {}

    async def _check(
        self, account_id: str, runner: AccountRunner | None, accounts: Sequence[Account]
    ) -> dict[str, Any]:
        """Try everything an account needs, on a line of its own."""
        account = next((one for one in accounts if one.id == account_id), None)
        if account is None:
            raise Misconfigured("no such account", account=account_id)
        backend = make_backend(account, accounts, self._settings, self._store)
        try:
            proven = list(await backend.check())
        finally:
            await backend.close()
        if runner is not None:
            runner.connect_now()
        return {"proven": proven}
