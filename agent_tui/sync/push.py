"""The way out: what is queued is sent once, and what became of it is settled by proof.

Before the mark everything may be tried again; after it nothing is, unless the backend's own record says that it was
not sent, or the agent says so, or the other side, which had the whole of it, said `later`. That is its word that it took
nothing. Some deliver all the same, so proof is looked for before each further try, and there are few.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Mapping

from agent_tui.backends.api import (
    Backend,
    BackendError,
    CannotTell,
    Found,
    MessageSender,
    NotFound,
    Outgoing,
    RateLimited,
    Rejected,
    RemoteFile,
    Sent,
    SentFiler,
    Unknown,
)
from agent_tui.content.safe import safe
from agent_tui.domain.account import Capability, Fault
from agent_tui.domain.outbox import OutboxItem, OutboxState, Release
from agent_tui.domain.times import now
from agent_tui.store.ports import StoreError
from agent_tui.sync.failpoints import reach
from agent_tui.sync.services import StoreAccess, Timing, after, backoff, fault_of, safe_fault

ATTEMPTS = 60
"""After so many passing refusals the item is given back to the agent."""

REFUSED_KEPT = 500
"""Refused recipients of one message that are named: as many as a message may have."""

_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])[ ]*")

log = logging.getLogger(__name__)


class Pusher:
    """The outbox of one account."""

    def __init__(self, account: str, store: StoreAccess, timing: Timing) -> None:
        self._account = account
        self._store = store
        self._timing = timing
        self._recovered = False
        self._proofs: dict[int, tuple[int, float]] = {}
        """Tries so far and the time of the next, by item."""
        self._sending: set[asyncio.Task[None]] = set()

    async def recover(self) -> None:
        """What a crash left behind: unmarked ones go again, marked ones are unknown."""
        if not self._recovered:
            store = self._store
            for item in await store.call(store.store.recover, self._account):
                await self._log("unknown", item)
            self._recovered = True

    async def push(self, backend: Backend, release: Release = Release.ALL) -> None:
        """Send all that is due, of the held ones those that may go."""
        store = self._store
        if not isinstance(backend, MessageSender) or Capability.SEND not in backend.available:
            return
        for item in await store.call(store.store.due, self._account, now(), release):
            # What has begun to leave is brought to its end, also where the worker is told to stop.
            task = asyncio.ensure_future(self._send(backend, item))
            self._sending.add(task)
            task.add_done_callback(self._sent)
            await asyncio.shield(task)

    @property
    def busy(self) -> bool:
        """Something is on its way out right now."""
        return bool(self._sending)

    async def finish(self, seconds: float) -> None:
        """What has begun to leave gets some time to end."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=seconds)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("sending ended with %s", type(error).__name__)

    async def _send(self, backend: MessageSender, queued: OutboxItem) -> None:
        try:
            await self._claim_and_send(backend, queued)
        except BaseException:
            self._recovered = False  # the item may still say `sending`: look at it as after a crash
            raise

    async def _claim_and_send(self, backend: MessageSender, queued: OutboxItem) -> None:
        store = self._store
        item = await store.call(store.store.claim, queued.id)
        if item is None:
            return
        reach("send.claimed")
        outgoing = await self._outgoing(item)
        if outgoing is None:
            await self._settle(item, OutboxState.REJECTED, Fault("raw_missing"))
            return
        if item.put_off and not item.partly and await self._is_there(backend, item, outgoing):
            return
        leaving = _Leaving(store, item.id, outgoing.envelope_id)
        try:
            async with asyncio.timeout(self._timing.send_limit):
                answer: Sent | Rejected | Unknown = await backend.send(outgoing, leaving)
        except StoreError:
            raise  # the mark could not be committed: nothing has left
        except TimeoutError:
            answer = Unknown() if leaving.marked else Rejected("unreachable", passing=True)
        except BackendError as error:
            retry = error.retry_after if isinstance(error, RateLimited) else None
            answer = _failed(error, marked=leaving.marked, retry_after=retry)
        except Exception as error:
            log.exception("the backend failed in sending")
            answer = _failed(error, marked=leaving.marked)
        reach("send.answered")
        await self._take_answer(backend, item, outgoing, answer, marked=leaving.marked)

    async def _outgoing(self, item: OutboxItem) -> Outgoing | None:
        raw = b""
        if item.raw is not None:
            kept = await self._store.call(self._store.store.read_raw, item.raw)
            if kept is None:
                return None
            raw = kept
        files = []
        for file in item.files:
            content = await self._store.call(self._store.store.read_raw, file.sha256)
            if content is None:
                return None
            files.append(RemoteFile(file.name, file.type, len(content), content))
        return Outgoing(
            token=item.token,
            raw=raw,
            text=item.text,
            envelope_from=item.envelope_from,
            envelope_to=tuple(item.envelope_to),
            conversation=item.native_conversation,
            recipient=item.to[0].address if item.to else "",
            files=tuple(files),
            envelope_id=item.envelope_id or secrets.token_hex(16),  # another one each time, until a server took it
        )

    async def _take_answer(
        self,
        backend: MessageSender,
        item: OutboxItem,
        outgoing: Outgoing,
        answer: Sent | Rejected | Unknown,
        *,
        marked: bool,
    ) -> None:
        match answer:
            case Sent() if answer.later and item.attempts < ATTEMPTS:
                await self._was_sent_partly(item, answer)
            case Sent():
                await self._was_sent(backend, item, outgoing, answer)
            case Rejected(passing=True) if not (item.partly and item.attempts >= ATTEMPTS):
                await self._put_off(item, answer, marked=marked)
            case Rejected():
                put_off = item.put_off + (marked and answer.passing)
                if item.partly and not put_off:
                    # others have it: for those who are left it is what a refusal beside them had been
                    given_up = Sent(refused={address: _words_to(address, item, answer) for address in item.envelope_to})
                    await self._was_sent(backend, item, outgoing, given_up)
                else:
                    fault = safe_fault(answer.code, answer.parameters)
                    await self._settle(item, OutboxState.REJECTED, fault, put_off=put_off or None)
            case Unknown():
                await self._settle(item, OutboxState.UNKNOWN, safe_fault(answer.code, answer.parameters))

    async def _put_off(self, item: OutboxItem, answer: Rejected, *, marked: bool) -> None:
        """Refused for now. Behind the body it may have been delivered all the same: so few tries are made of it."""
        times, steps = item.put_off + marked, self._timing.put_off_steps
        fault = safe_fault(answer.code, answer.parameters)
        if item.attempts >= ATTEMPTS or (marked and times > len(steps)):
            await self._settle(item, OutboxState.REJECTED, fault, put_off=times)
            return
        if marked:
            wait = max(steps[times - 1], answer.retry_after or 0.0)
        else:
            wait = answer.retry_after or self._wait(item)
        store, retry_at = self._store, after(wait)
        await store.call(store.store.settle, item.id, OutboxState.QUEUED, fault=fault, retry_at=retry_at, put_off=times)
        await self._log("send_postponed", item, fault=answer.code)

    async def _is_there(self, backend: MessageSender, item: OutboxItem, outgoing: Outgoing) -> bool:
        """It was delivered by a server that said `later`: there is a copy of it."""
        try:
            answer = await backend.find_sent(outgoing)
        except BackendError as error:
            log.info("no proof could be looked for: %s", error.code)
            return False
        if not isinstance(answer, Found):
            return False
        store = self._store
        await store.call(store.store.settle, item.id, OutboxState.SENT, native_id=answer.native_id)
        await self._log("proven_sent", item)
        return True

    async def _was_sent(self, backend: object, item: OutboxItem, outgoing: Outgoing, answer: Sent) -> None:
        store = self._store
        now_told = _clean({**answer.refused, **answer.later})
        refused = _clean({**item.refused, **now_told})
        fault = Fault("some_refused", refused) if refused else None
        await store.call(
            store.store.settle,
            item.id,
            OutboxState.SENT,
            fault=fault,
            native_id=answer.native_id,
            native_conversation=answer.conversation,
        )
        await self._log("sent", item)
        for address in now_told:
            await self._log("recipient_refused", item, address=address)
        reach("send.settled")
        await self._file(backend, item, outgoing)

    async def _was_sent_partly(self, item: OutboxItem, answer: Sent) -> None:
        """Who was refused for now is tried again (RFC 5321, 4.5.4.1), under the same Message-ID, and nobody else is."""
        refused, fault = _clean(answer.refused), Fault("some_later", _clean(answer.later))
        store, retry_at = self._store, after(self._wait(item))
        await store.call(store.store.sent_partly, item.id, list(answer.later), refused, fault, retry_at=retry_at)
        await self._log("sent_partly", item)
        for address in refused:
            await self._log("recipient_refused", item, address=address)

    def _wait(self, item: OutboxItem) -> float:
        return backoff(max(item.attempts, 1), self._timing.send_backoff, self._timing.send_backoff_cap)

    # the copy in Sent

    async def _file(self, backend: object, item: OutboxItem, outgoing: Outgoing) -> None:
        """File a copy. Whatever happens here, the message was sent and is never sent again."""
        copy = "none"
        if isinstance(backend, SentFiler):
            try:
                copy = await backend.file_sent(outgoing)
            except Exception as error:
                log.warning("no copy could be filed: %s", type(error).__name__)
                await self._log("copy_missing", item, fault=fault_of(error).code)
                copy = "missing"
            reach("send.filed")
        await self._store.call(self._store.store.settle, item.id, OutboxState.SENT, sent_copy=copy)

    async def file_missing(self, backend: Backend) -> None:
        """File copies that a crash kept from being filed. The backend looks before it puts one there."""
        store = self._store
        for item in await store.call(store.store.unfiled, self._account):
            outgoing = await self._outgoing(item)
            if outgoing is not None:
                await self._file(backend, item, outgoing)

    # proof

    async def prove(self, backend: Backend, *, at_once: bool = False) -> float | None:
        """Look for proof of unknown items; seconds until the next look, or None where nothing is unknown."""
        store = self._store
        if not isinstance(backend, MessageSender):
            return None
        items = await store.call(store.store.unknown, self._account)
        self._proofs = {item.id: self._proofs[item.id] for item in items if item.id in self._proofs}
        present = asyncio.get_running_loop().time()
        nearest: float | None = None
        for item in items:
            tries, due = self._proofs.get(item.id, (0, present + self._timing.proof_steps[0]))
            if at_once or due <= present:
                await self._prove_one(backend, item, asked=at_once)
                tries += 1
                step = self._timing.proof_steps[min(tries, len(self._timing.proof_steps) - 1)]
                due = present + step
            self._proofs[item.id] = (tries, due)
            nearest = due if nearest is None else min(nearest, due)
        return None if nearest is None else max(0.05, nearest - present)

    async def cannot_look(self, fault: Fault) -> None:
        """There is no connection to look over: that is an answer too."""
        store = self._store
        for item in await store.call(store.store.unknown, self._account):
            await store.call(store.store.looked, item.id, fault.code)

    async def _prove_one(self, backend: MessageSender, item: OutboxItem, *, asked: bool = False) -> None:
        store = self._store
        if item.partly:
            # its copy proves that the others have it, and nothing of those who were left
            await store.call(store.store.looked, item.id, "others_have_it")
            return
        outgoing = await self._outgoing(item)
        if outgoing is None:
            await store.call(store.store.looked, item.id, "raw_missing")
            return
        try:
            answer = await backend.find_sent(outgoing)
        except BackendError as error:
            log.info("no proof could be looked for: %s", error.code)
            await store.call(store.store.looked, item.id, fault_of(error).code)
            return
        match answer:
            case Found():
                await store.call(store.store.looked, item.id, "found")
                await store.call(store.store.settle, item.id, OutboxState.SENT, native_id=answer.native_id)
                await self._log("proven_sent", item)
            case NotFound():
                await store.call(store.store.looked, item.id, "not_sent")
                await store.call(store.store.settle, item.id, OutboxState.QUEUED, retry_at=now())
                await self._log("proven_unsent", item)
            case CannotTell():
                await store.call(store.store.looked, item.id, "not_there" if answer.looked else "no_folder")
                if asked:
                    await self._log("not_proven", item)

    async def proven(self, item_id: int) -> None:
        """A copy of it arrived: it was sent, and the server has it."""
        store = self._store
        unknown = await store.call(store.store.unknown, self._account)
        for item in (one for one in unknown if one.id == item_id and not one.partly):
            await store.call(store.store.looked, item_id, "found")
            await store.call(store.store.settle, item_id, OutboxState.SENT, sent_copy="server")
            await self._log("proven_sent", item)

    async def _settle(self, item: OutboxItem, state: OutboxState, fault: Fault, put_off: int | None = None) -> None:
        """What did not go; a refusal proves nothing of an earlier try that was put off when all of it was there."""
        if state is OutboxState.REJECTED and (item.put_off if put_off is None else put_off):
            state = OutboxState.UNKNOWN
        store = self._store
        await store.call(store.store.settle, item.id, state, fault=fault, put_off=put_off)
        await self._log(state.value, item, fault=fault.code)

    async def _log(self, code: str, item: OutboxItem, **parameters: str) -> None:
        """The agent's own list names the message; the log file, which leaves the machine with a report, its number alone."""
        fault = parameters.get("fault")
        log.info("%s: item %d %s%s", self._account, item.id, code, f", {fault}" if fault else "")
        to = [person.address or person.name for person in (*item.to, *item.cc, *item.bcc)]
        named = {"subject": item.subject, "to": to[0] + (f" +{len(to) - 1}" if len(to) > 1 else "") if to else ""}
        await self._store.call(
            self._store.store.log_activity, self._account, code, {"item": str(item.id), **parameters, **named}
        )


def _words_to(address: str, item: OutboxItem, answer: Rejected) -> str:
    """What was said to a recipient. The status code of what was said to another one, to MAIL or to DATA is not his."""
    words = answer.parameters.get("server_said", answer.code)
    about = answer.parameters.get("address", "")
    if answer.code != "recipients_refused":
        return _STATUS.sub("", words)
    meant = about or ("" if len(item.envelope_to) > 1 else address)
    return words if meant == address else words.partition(" ")[0]


def _clean(said: Mapping[str, str]) -> dict[str, str]:
    """What a server said of addresses, as it may be kept."""
    return {
        safe(address, one_line=True, cap=320): safe(words, one_line=True, cap=200)
        for address, words in list(said.items())[:REFUSED_KEPT]
    }


class _Leaving:
    """Commits the mark, once, right before the body leaves."""

    def __init__(self, store: StoreAccess, item_id: int, envelope_id: str) -> None:
        self._store = store
        self._item_id = item_id
        self._envelope_id = envelope_id
        self.marked = False

    async def __call__(self, *, named: bool = False) -> None:
        if self.marked:
            return
        reach("send.before_mark")
        await self._store.call(self._store.store.mark_leaving, self._item_id, self._envelope_id if named else "")
        self.marked = True
        reach("send.marked")


def _failed(error: Exception, *, marked: bool, retry_after: float | None = None) -> Rejected | Unknown:
    fault = fault_of(error)
    if marked:
        return Unknown(fault.code, fault.parameters)
    return Rejected(fault.code, fault.parameters, passing=True, retry_after=retry_after)
