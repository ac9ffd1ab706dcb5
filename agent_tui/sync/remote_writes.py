"""Changes made here that must reach the server: marks, moves, statuses. Tried again until they do, or cannot."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from agent_tui.backends.api import (
    Backend,
    BackendError,
    Conflict,
    ConversationWriter,
    MarksChange,
    MarksWriter,
    Misconfigured,
    MoveChange,
    RateLimited,
    RemoteCopy,
    Unsupported,
)
from agent_tui.domain.account import Fault
from agent_tui.domain.conversation import Status
from agent_tui.domain.times import now
from agent_tui.store.ports import CopyPlace, RemoteWrite
from agent_tui.sync.incoming import NO_MESSAGE_ID
from agent_tui.sync.services import StoreAccess, Timing, after, backoff, fault_of

ATTEMPTS = 30

log = logging.getLogger(__name__)


class RemoteWriter:
    """The remote writes of one account."""

    def __init__(self, account: str, store: StoreAccess, timing: Timing) -> None:
        self._account = account
        self._store = store
        self._timing = timing

    async def write(self, backend: Backend) -> None:
        """Write all that is due. Raises what says that the line is gone; nothing is lost by it."""
        store = self._store
        for due in await store.call(store.store.remote_writes, self._account, now()):
            try:
                fault = await self._apply(backend, due)
            except (Unsupported, Misconfigured) as error:
                fault = fault_of(error)
            except BackendError as error:
                await self._postpone(due, error)
                if not isinstance(error, RateLimited):
                    raise
                return
            except Exception as error:
                log.exception("the backend failed in writing")
                fault = fault_of(error)
            await store.call(store.store.settle_remote_write, due.id, done=fault is None, fault=fault)

    async def _postpone(self, due: RemoteWrite, error: BackendError) -> None:
        store = self._store
        wait = error.retry_after if isinstance(error, RateLimited) else 0.0
        wait = wait or backoff(due.attempts + 1, self._timing.backoff, self._timing.send_backoff_cap)
        retry_at = after(wait) if due.attempts < ATTEMPTS else None
        await store.call(store.store.settle_remote_write, due.id, done=False, retry_at=retry_at, fault=fault_of(error))

    async def _apply(self, backend: Backend, due: RemoteWrite) -> Fault | None:
        """Write one; the fault where it will never succeed."""
        payload = due.payload
        match due.kind:
            case "marks" if isinstance(backend, MarksWriter):
                change = MarksChange(_copies(payload), payload.get("seen"), payload.get("answered"))
                await backend.set_marks(change)
                return None
            case "move" if isinstance(backend, MarksWriter):
                moved = await backend.move(MoveChange(_copies(payload), str(payload["role"])))
                await self._note_moves(payload, moved)
                return None
            case "status" if isinstance(backend, ConversationWriter):
                status = (Status(payload["status"]), str(payload.get("native_status", "")))
                answer = await backend.write(str(payload["conversation"]), "", status=status)
                return Fault("conflict") if isinstance(answer, Conflict) else None
        return Fault("unsupported")

    async def _note_moves(
        self, payload: Mapping[str, Any], moved: Sequence[tuple[RemoteCopy, RemoteCopy | None]]
    ) -> None:
        """Where the copies lie now, as far as the server told; else the next pull finds them by their hash."""
        messages = {(c["folder"], c["uidvalidity"], c["uid"]): int(c["message"]) for c in payload["copies"]}

        def note() -> None:
            with self._store.store.ingest() as tx:
                for old, new in moved:
                    message_id = messages.get((old.folder, old.uidvalidity, old.uid))
                    places = [p for p in known.get(message_id or 0, ()) if (p.folder, p.uid) == (old.folder, old.uid)]
                    tx.copy_gone(self._account, old.folder, old.uidvalidity, old.uid)
                    if new is not None and message_id is not None:
                        seen, answered = (places[0].seen, places[0].answered) if places else (True, False)
                        place = CopyPlace(new.folder, new.uidvalidity, new.uid, new.email_id, seen, answered)
                        tx.put_copy(message_id, self._account, place)

        store = self._store
        known = {m: await store.call(store.store.places, self._account, m) for m in set(messages.values())}
        await store.ingest(note)


def _copies(payload: Mapping[str, Any]) -> list[RemoteCopy]:
    return [
        RemoteCopy(
            str(c["folder"]),
            int(c["uidvalidity"]),
            int(c["uid"]),
            str(c["email_id"]),
            "" if str(c["header"]).endswith(NO_MESSAGE_ID) else str(c["header"]),
            int(c["size"]),
        )
        for c in payload["copies"]
    ]
