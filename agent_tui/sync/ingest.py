"""Batches into the store: raw messages first, then rows and cursor together, in transactions cut by the clock."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from agent_tui.backends.api import (
    Change,
    CopyGone,
    CopySeen,
    FolderRenamed,
    FolderReset,
    MailArrived,
    MessageUnreadable,
    StatusChanged,
    TextArrived,
)
from agent_tui.store.ports import CopyPlace, IngestTransaction, StoreError, WorkerStore
from agent_tui.sync.courtesy import Pace
from agent_tui.sync.failpoints import Failed, reach
from agent_tui.sync.incoming import IngestAccount, Outcome, Prepared, Result
from agent_tui.sync.ingest_mail import MailIngest
from agent_tui.sync.ingest_text import TextIngest
from agent_tui.sync.parse import ParseContext, ParserTeam

CHUNK_MESSAGES = 50
CHUNK_BYTES = 8 << 20
LOCK_BUDGET = 0.035
"""Seconds after which a transaction is ended, so that a key press of the desk never waits long for its turn."""
MERGE_EVERY = 20
"""Transactions between two merges of the search index, and the seconds that one may take."""
MERGE_BUDGET = 0.02

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ahead:
    """Where a stream goes on behind a batch."""

    stream: str
    cursor: str
    done: bool = False


def chunks(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Changes in pieces that fit one transaction and the memory; at least one, even where there are none."""
    piece: list[Change] = []
    size = 0
    for change in changes:
        weight = len(change.raw) if isinstance(change, MailArrived | MessageUnreadable) else 0
        if piece and (len(piece) >= CHUNK_MESSAGES or size + weight > CHUNK_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(change)
        size += weight
    yield piece


class Ingestor:
    """Takes changes into the store. Blocking: the worker calls `prepare` and `commit` from threads of their own."""

    def __init__(
        self,
        store: WorkerStore,
        parser: ParserTeam,
        lock_budget: float = LOCK_BUDGET,
        clock: Callable[[], float] = time.perf_counter,
        pace: Pace | None = None,
    ) -> None:
        self._store = store
        self._parser = parser
        self._budget = lock_budget
        self._clock = clock
        self._pace = pace or Pace()
        self._committed = 0
        self._files = ThreadPoolExecutor(1, "raw-files")

    def close(self) -> None:
        """End its thread."""
        self._files.shutdown(wait=True)

    def prepare(
        self, changes: Sequence[Change], origins: Sequence[str] = (), context: ParseContext = ParseContext()
    ) -> list[Prepared]:
        """Write the raw bytes, synced, and read the mails."""
        reach("ingest.arrived")
        raws = [raw for change in changes for raw in _raws(change)]
        writing = self._files.submit(self._store.put_raw, raws)  # the disk works while the child reads
        try:
            mails = [change.raw for change in changes if isinstance(change, MailArrived)]
            readings = iter(self._parser.parse(mails, context) if mails else ())
        finally:
            names = iter(writing.result())
        reach("ingest.raw_written")
        prepared = []
        for place, change in enumerate(changes):
            origin = origins[place] if origins else _origin(change)
            match change:
                case MailArrived():
                    prepared.append(Prepared(change, next(names), next(readings), origin=origin))
                case MessageUnreadable():
                    prepared.append(Prepared(change, next(names) if change.raw else None, origin=origin))
                case TextArrived():
                    files = tuple(next(names) if f.content is not None else "" for f in change.files)
                    prepared.append(Prepared(change, files=files, origin=origin))
                case _:
                    prepared.append(Prepared(change, origin=origin))
        return prepared

    def commit(
        self, account: IngestAccount, prepared: Sequence[Prepared], ahead: Ahead | None = None, *, live: bool = True
    ) -> list[Result]:
        """Store what was prepared; the cursor is committed with the last of it. One poisonous message is set aside."""
        results: list[Result] = []
        poison: dict[int, str] = {}
        while True:
            begun = len(results)
            try:
                whole = self._transaction(account, prepared, results, ahead, live, poison)
            except Failed:
                raise
            except Exception as error:
                spoiled = len(results)
                if spoiled in poison or spoiled >= len(prepared) or _is_no_fault_of_a_message(error):
                    raise
                log.exception("a message could not be stored and is set aside")
                poison[spoiled] = type(error).__name__
                del results[begun:]
                continue
            reach("ingest.committed")
            self._keep_searchable()
            if whole:
                return results

    def _keep_searchable(self) -> None:
        """Each transaction leaves a piece of index behind; too many would be merged at once, under one long lock."""
        self._committed += 1
        if self._committed % MERGE_EVERY == 0:
            self._store.merge_search_index(MERGE_BUDGET)

    def _transaction(
        self,
        account: IngestAccount,
        prepared: Sequence[Prepared],
        results: list[Result],
        ahead: Ahead | None,
        live: bool,
        poison: dict[int, str],
    ) -> bool:
        """One transaction, until the clock says stop; true where it holds the last of it."""
        self._pace.let_others_write()
        try:
            return self._transact(account, prepared, results, ahead, live, poison)
        finally:
            self._pace.ended()

    def _transact(
        self,
        account: IngestAccount,
        prepared: Sequence[Prepared],
        results: list[Result],
        ahead: Ahead | None,
        live: bool,
        poison: dict[int, str],
    ) -> bool:
        with self._store.ingest() as tx:
            taking = _Taking(tx, account, self._store.read_raw, live)
            end = self._clock() + self._budget
            while len(results) < len(prepared):
                place = len(results)
                results.append(taking.take(prepared[place], poison.get(place)))
                reach("ingest.message_added")
                if self._clock() >= end:
                    break
            whole = len(results) == len(prepared)
            if whole and ahead is not None:
                tx.save_cursor(account.id, ahead.stream, ahead.cursor, ahead.done)
            reach("ingest.before_commit")
        return whole


def _is_no_fault_of_a_message(error: Exception) -> bool:
    return isinstance(error, StoreError) and error.code != "broken"


class _Taking:
    """Takes changes of one account into one open transaction."""

    def __init__(
        self,
        tx: IngestTransaction,
        account: IngestAccount,
        read_raw: Callable[[str], bytes | None],
        live: bool,
    ) -> None:
        self._tx = tx
        self._account = account
        self._mail = MailIngest(tx, account, read_raw, live=live)
        self._text = TextIngest(tx, account, live=live)

    def take(self, item: Prepared, poison: str | None) -> Result:
        """One change."""
        if poison is not None:
            return self._put_aside(item, "ingest_error", {"error": poison})
        change = item.change
        match change:
            case MailArrived():
                return self._mail.take(item)
            case TextArrived():
                return self._text.take(item)
            case MessageUnreadable():
                return self._put_aside(item, change.code, dict(change.parameters))
            case StatusChanged():
                return self._text.status(change)
            case _:
                return self._follow(change)

    def _follow(self, change: CopySeen | CopyGone | FolderReset | FolderRenamed) -> Result:
        """What a server tells of its folders."""
        tx, account = self._tx, self._account.id
        match change:
            case CopySeen():
                copy = change.copy
                message_id = tx.message_by_copy(account, copy.folder, copy.uidvalidity, copy.uid)
                if message_id is None and copy.email_id:
                    message_id = tx.message_by_email_id(account, copy.email_id)
                if message_id is None:
                    return Result(Outcome.IGNORED)
                place = CopyPlace(copy.folder, copy.uidvalidity, copy.uid, copy.email_id, change.seen, change.answered)
                tx.put_copy(message_id, account, place)
            case CopyGone():
                tx.copy_gone(account, change.folder, change.uidvalidity, change.uid)
            case FolderReset():
                tx.folder_reset(account, change.folder)
            case FolderRenamed():
                tx.folder_renamed(account, change.old, change.new)
        return Result(Outcome.APPLIED)

    def _put_aside(self, item: Prepared, code: str, parameters: dict[str, str]) -> Result:
        change = item.change
        native = item.sha256 or str(getattr(change, "native_id", "")) or repr(change)[:200]
        self._tx.set_aside(self._account.id, native, code, parameters, item.sha256, item.size, item.origin)
        return Result(Outcome.SET_ASIDE, code=code, parameters=parameters)


def _raws(change: Change) -> Iterator[bytes]:
    match change:
        case MailArrived():
            yield change.raw
        case MessageUnreadable() if change.raw:
            yield change.raw
        case TextArrived():
            yield from (f.content for f in change.files if f.content is not None)


def _origin(change: Change) -> str:
    copy = change.copy if isinstance(change, MailArrived | MessageUnreadable) else None
    return copy.folder if copy is not None else ""
