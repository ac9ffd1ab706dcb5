"""Importing files: the same road as everything that comes from a server, into an offline account."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from agent_tui.backends.api import Change, MailArrived, MessageUnreadable
from agent_tui.domain.account import Account
from agent_tui.domain.conversation import Channel
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.store.ports import WorkerStore
from agent_tui.sync.courtesy import Pace
from agent_tui.sync.door import own_addresses
from agent_tui.sync.incoming import IngestAccount, Outcome, Prepared, Result
from agent_tui.sync.ingest import CHUNK_BYTES, CHUNK_MESSAGES, Ingestor
from agent_tui.sync.mail_files import FoundMail, find_mails
from agent_tui.sync.parse import ParseContext, ParseLimits, ParserTeam

ACCOUNT = "import"
_AHEAD = 2
"""Pieces that are being read while an earlier one is written."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one mail of a file."""

    path: str
    result: str
    """`imported`, `duplicate` or `set_aside`."""
    message: int | None = None
    conversation: int | None = None
    reason: str = ""
    """A code, where it was set aside."""
    parameters: dict[str, str] = field(default_factory=dict)


def import_files(
    store: WorkerStore,
    paths: Iterable[Path],
    *,
    account: str = ACCOUNT,
    solved: bool = False,
    limits: ParseLimits | None = None,
    pace: Pace | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Imported]:
    """Take the mails of these files in; each comes back as soon as it is durable. Blocking.

    With `solved` all of it was dealt with elsewhere. `pace` lets who types at a desk go first. Once `stop` says so nothing more is begun: what came back is what is in.
    """
    pace = pace or Pace()
    accounts = list(store.accounts())
    mine = next((a for a in accounts if a.id == account), None)
    if mine is None:
        mine = _offline(account)
        store.put_account(mine)
    own = own_addresses(accounts)
    ingest_account = IngestAccount.of(mine, own, solved=solved)
    parser = ParserTeam(limits or ParseLimits())
    ingestor = Ingestor(store, parser, pace=pace)
    reading: deque[tuple[Sequence[FoundMail], Future[list[Prepared]]]] = deque()
    with ThreadPoolExecutor(1, "import-reading") as thread:
        try:
            for piece in _pieces(find_mails(paths)):
                if stop():
                    break
                while left := pace.pause():
                    time.sleep(left)
                changes = [_change(found) for found in piece]
                origins = [found.path for found in piece]
                future = thread.submit(ingestor.prepare, changes, origins, ParseContext(own))
                reading.append((piece, future))
                if len(reading) > _AHEAD:
                    yield from _commit(ingestor, ingest_account, *reading.popleft())
            while reading and not stop():
                yield from _commit(ingestor, ingest_account, *reading.popleft())
        finally:
            for _, future in reading:
                future.cancel()
            thread.shutdown(wait=True)
            parser.close()
            ingestor.close()


def _offline(account: str) -> Account:
    return Account(
        id=account,
        backend="import",
        label=SafeText.trusted("Import"),
        channel=Channel.EMAIL,
        options={},
        offline=True,
    )


def _commit(
    ingestor: Ingestor, account: IngestAccount, piece: Sequence[FoundMail], future: Future[list[Prepared]]
) -> list[Imported]:
    results = ingestor.commit(account, future.result(), live=False)
    return [_imported(found, result) for found, result in zip(piece, results, strict=True)]


def _imported(found: FoundMail, result: Result) -> Imported:
    if result.outcome is Outcome.IGNORED:
        return Imported(found.path, Outcome.SET_ASIDE.value, reason="draft")
    return Imported(
        found.path,
        result.outcome.value,
        result.message_id,
        result.conversation_id,
        result.code,
        dict(result.parameters),
    )


def _pieces(mails: Iterable[FoundMail]) -> Iterator[list[FoundMail]]:
    piece: list[FoundMail] = []
    size = 0
    for found in mails:
        piece.append(found)
        size += len(found.raw)
        if len(piece) >= CHUNK_MESSAGES or size >= CHUNK_BYTES:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _change(found: FoundMail) -> Change:
    if found.fault:
        native = hashlib.sha256(found.path.encode("utf-8", "surrogateescape")).hexdigest()
        return MessageUnreadable(native, found.fault, {"detail": found.detail} if found.detail else {}, raw=found.raw)
    return MailArrived(
        raw=found.raw,
        arrived_at=Micros(0),  # told by its headers
        role=found.role,
        seen=found.seen,
        answered=found.answered,
        size=found.size,
    )
