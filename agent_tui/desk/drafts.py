"""The draft journal: what was typed survives a kill, a lost line, and a store that cannot be written.

Where the store refuses, the draft goes into a private folder outside of it and the composer says so; the next start
takes it over from there.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent_tui.content.safe import file_name, safe
from agent_tui.desk.workspace import Desk
from agent_tui.domain.action import ActionStep
from agent_tui.domain.message import Person
from agent_tui.domain.outbox import Draft, DraftFile, DraftKind
from agent_tui.domain.times import NEVER, Micros
from agent_tui.locations import read_file, write_private
from agent_tui.store.ports import DeskWrites, StoreError

FORMAT = 1
PATIENCE = 0.3
"""Seconds that the journal waits for the store; then what was typed lies aside, within a second of typing."""
LARGEST = 16 * 1024 * 1024
"""Bytes of a draft that lies aside; its files lie elsewhere."""
_NAME = re.compile(r"draft-([0-9a-f]{32})\.json")


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a draft was kept. `fault` is the store's code where it could not take it."""

    draft: Draft
    where: str
    """`store`, `runtime`, or `nowhere`."""
    fault: str = ""


class DraftMoved(Exception):
    """Another desk wrote on a draft, sent it or threw it away: what is written here is a draft of its own now."""


def new_id() -> str:
    """A draft's own id."""
    return secrets.token_hex(16)


class Drafts:
    """Keeps, lists and drops drafts.

    A line that hangs leaves a desk behind which goes on when its agent works at another one already: a draft is
    written only over the version that it goes on from, and not at all where nothing was written here.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._side = SideJournal(desk.settings.runtime)
        self._gone: set[str] = set()
        """Queued or dropped: a late journal entry must not bring one back."""
        self._over: dict[str, Micros] = {}
        """The version in the store that ours goes on from."""
        self._stored: dict[str, Draft] = {}
        """What we know to stand there."""
        self._begun: dict[str, Draft] = {}
        """As the program began them: what holds no more than that is no draft."""
        self._moved: dict[str, str] = {}
        """Whose id is another draft's: ours goes on under this one."""

    async def keep(self, draft: Draft, *, again: bool = False, slow: Callable[[Kept], object] | None = None) -> Kept:
        """Journal a draft, also unchanged where it is to be newer `again`. Called within a second of typing; never
        raises, and says where it lies. Where the store takes its time that is aside; who gives `slow` is told so, and
        waits for the store."""
        stamped = replace(draft, updated_at=self._desk.now())
        keeping = asyncio.wrap_future(self._desk.submit(lambda writes: self._to_store(writes, stamped, again=again)))
        try:
            return Kept(await asyncio.wait_for(asyncio.shield(keeping), PATIENCE), "store")
        except StoreError as error:
            return self._aside(stamped, error.code)
        except TimeoutError:
            aside = self._aside(stamped, "locked")
        if slow is None:
            keeping.add_done_callback(_hear)
            return aside
        slow(aside)
        try:
            return Kept(await asyncio.shield(keeping), "store")
        except StoreError as error:
            return self._aside(stamped, error.code)

    def keep_now(self, draft: Draft, wait: float = 5.0) -> Kept:
        """Journal and wait: at the end of the desk, on a lost line. A store that hangs is not waited for."""
        stamped = replace(draft, updated_at=self._desk.now())
        try:
            return Kept(self._desk.submit(lambda writes: self._to_store(writes, stamped)).result(wait), "store")
        except StoreError as error:
            return self._aside(stamped, error.code)
        except TimeoutError:
            return self._aside(stamped, "locked")

    def begins(self, draft: Draft) -> None:
        """It opens with what the program put there: a signature, a quote, whom it answers."""
        self._begun[draft.id] = draft

    def is_written(self, draft: Draft) -> bool:
        """The agent put something there, or took something away."""
        begun = self._begun.get(draft.id)
        return begun is None or _content(draft) != _content(begun)

    def opened(self, draft: Draft) -> None:
        """It is gone on with: what stands in the store, or what was kept aside of it."""
        self.back(draft.id)
        self._moved.pop(draft.id, None)  # what was written here earlier has an id of its own, this one is meant now
        over = self._side.over(draft)
        self._over[draft.id] = draft.updated_at if over is None else over
        if over is None:
            self._stored[draft.id] = draft

    def current(self, draft: Draft) -> Draft:
        """The draft under the id that is ours."""
        return replace(draft, id=self._moved.get(draft.id, draft.id))

    def claim(self, writes: DeskWrites, draft: Draft) -> None:
        """Something is to be made of a draft: only one desk may. Raises `DraftMoved`, and keeps ours."""
        kept = self._save(writes, replace(draft, updated_at=self._desk.now()))
        self._side.drop(draft.id)
        if kept.id != draft.id:
            raise DraftMoved

    def gone(self, draft_id: str) -> None:
        """It was queued: nothing that was typed before may bring it back."""
        self._gone.add(draft_id)
        self._side.drop(draft_id)

    def back(self, draft_id: str) -> None:
        """It is a draft again."""
        self._gone.discard(draft_id)

    def _to_store(self, writes: DeskWrites, draft: Draft, *, again: bool = False) -> Draft:
        ours = self.current(draft)
        if ours.id in self._gone:
            return ours
        stored = self._stored.get(ours.id)
        if not again and not self.is_written(draft):
            self._forget(writes, ours)
            return ours
        if stored is None or again or replace(ours, updated_at=stored.updated_at) != stored:
            stored = self._save(writes, ours)
        for one in {draft.id, ours.id, stored.id}:
            self._side.drop(one, not_after=draft.updated_at)
        return stored

    def _forget(self, writes: DeskWrites, ours: Draft) -> None:
        """What was typed was taken out again. What another desk made of it stays."""
        if ours.id in self._stored:
            saved = self._save(writes, ours)
            writes.drop_draft(saved.id)
            for known in (self._over, self._stored):
                known.pop(saved.id, None)
            self._moved.pop(ours.id, None)
        self._side.drop(ours.id, not_after=ours.updated_at)

    def _save(self, writes: DeskWrites, draft: Draft) -> Draft:
        if not writes.save_draft(draft, over=self._over.get(draft.id, NEVER)):
            moved = replace(draft, id=new_id())
            writes.save_draft(moved, over=NEVER)
            self._moved[draft.id] = moved.id
            draft = moved
        self._over[draft.id] = draft.updated_at
        self._stored[draft.id] = draft
        return draft

    def _aside(self, draft: Draft, code: str) -> Kept:
        ours = self.current(draft)
        if ours.id in self._gone:
            return Kept(ours, "store")
        if not self.is_written(draft):
            self._side.drop(ours.id)
            return Kept(ours, "store")
        try:
            self._side.keep(ours, self._over.get(ours.id, NEVER))
        except OSError:
            return Kept(ours, "nowhere", code)
        if ours.id in self._gone:  # queued or dropped while the file was written
            self._side.drop(ours.id)
            return Kept(ours, "store")
        return Kept(ours, "runtime", code)

    async def discard(self, draft: Draft) -> ActionStep:
        """Throw away a draft that was opened: only where the agent says so. What another desk made of it stays.

        Raises `StoreError`; then it is as it was.
        """
        return await self._desk.write(lambda writes: self._away(writes, draft))

    def _away(self, writes: DeskWrites, draft: Draft) -> ActionStep:
        ours = self._save(writes, replace(self.current(draft), updated_at=self._desk.now()))
        self._gone.add(ours.id)
        try:
            step = writes.discard_draft(self._desk.agent, ours)
        except BaseException:
            self.back(ours.id)
            raise
        for one in {draft.id, ours.id}:
            self._side.drop(one)
        return step

    def parked(self) -> list[Draft]:
        """All drafts of this agent, the latest first."""
        found = {draft.id: draft for draft in self._desk.reads.drafts(self._desk.agent)}
        for draft, _over in self._side.all():
            if draft.agent == self._desk.agent and (
                draft.id not in found or found[draft.id].updated_at < draft.updated_at
            ):
                found[draft.id] = draft
        return sorted(found.values(), key=lambda draft: draft.updated_at, reverse=True)

    def find(self, draft_id: str) -> Draft | None:
        """One draft by its id."""
        return next((draft for draft in self.parked() if draft.id == draft_id), None)

    def of_conversation(self, conversation_id: int, kinds: Sequence[DraftKind] = tuple(DraftKind)) -> Draft | None:
        """The latest draft of a conversation, so that going back to it goes on with it."""
        return next((d for d in self.parked() if d.conversation_id == conversation_id and d.kind in kinds), None)

    async def recover(self) -> int:
        """Take over what the last session had to keep outside of the store; how many drafts came back."""
        taken = 0
        for draft, over in self._side.all():
            stored = self._desk.reads.draft(draft.id)
            if stored is not None and replace(stored, updated_at=draft.updated_at) == draft:
                self._side.drop(draft.id)
                continue
            if draft.id in self._over:
                continue  # it is gone on with here already
            self._over[draft.id] = over
            try:
                await self._desk.write(lambda writes, draft=draft: self._to_store(writes, draft, again=True))  # type: ignore[misc]
            except StoreError:
                break
            taken += 1
        return taken


def _content(draft: Draft) -> tuple[object, ...]:
    """What a person can change of it."""
    people = (draft.to, draft.cc, draft.bcc, draft.unread, draft.from_address)
    return (*people, draft.subject, draft.text, draft.files)


def _hear(keeping: asyncio.Future[Draft]) -> None:
    """What became of it is known by what lies aside."""
    if not keeping.cancelled():
        keeping.exception()


class SideJournal:
    """Drafts as private files, each whole or absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, draft: Draft, over: Micros) -> None:
        """Write a draft that goes on from a version, synced, readable by its owner alone. Raises OSError."""
        content = json.dumps({**as_json(draft), "over": over}, ensure_ascii=False).encode()
        if len(content) > LARGEST:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        write_private(self._folder / f"draft-{draft.id}.json", content)

    def drop(self, draft_id: str, not_after: Micros | None = None) -> None:
        """Forget a draft, unless what lies here was written after that."""
        path = self._folder / f"draft-{draft_id}.json"
        if not _NAME.fullmatch(path.name):
            return
        kept = _read(path) if not_after is not None else None
        if kept is not None and not_after is not None and kept[0].updated_at > not_after:
            return
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return

    def over(self, draft: Draft) -> Micros | None:
        """The version that it goes on from, where this is what lies here."""
        found = _read(self._folder / f"draft-{draft.id}.json")
        return found[1] if found is not None and found[0].updated_at == draft.updated_at else None

    def all(self) -> list[tuple[Draft, Micros]]:
        """What lies here and can be read, each with the version that it goes on from."""
        if not self._folder.is_dir():
            return []
        paths = (path for path in sorted(self._folder.iterdir()) if _NAME.fullmatch(path.name))
        return [found for path in paths if (found := _read(path)) is not None]


def _read(path: Path) -> tuple[Draft, Micros] | None:
    """A bad file stays where it is: somebody may read in it what the desk cannot."""
    try:
        return from_bytes(read_file(path, LARGEST, ours=True))
    except (OSError, ValueError):
        return None


def from_bytes(content: bytes) -> tuple[Draft, Micros]:
    """A draft, and the version that it goes on from. Raises ValueError where it is none, whatever is wrong with it."""
    try:
        data = json.loads(content)
        draft, over = from_json(data), Micros(_whole(data.get("over", NEVER)))
        json.dumps(as_json(draft), ensure_ascii=False).encode()  # half a character pair, which no store takes
    except (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise ValueError("no draft") from error
    return draft, over


def _whole(value: Any) -> int:
    """A number that a store can hold."""
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError("no such number")
    return number


def as_json(draft: Draft) -> dict[str, Any]:
    """A draft as plain data."""

    def _people(people: Sequence[Person]) -> list[list[str]]:
        return [[person.name, person.address] for person in people]

    return {
        "format": FORMAT,
        "id": draft.id,
        "agent": draft.agent,
        "kind": draft.kind.value,
        "conversation": draft.conversation_id,
        "account": draft.account,
        "to": _people(draft.to),
        "cc": _people(draft.cc),
        "bcc": _people(draft.bcc),
        "subject": draft.subject,
        "text": draft.text,
        "files": [[file.name, file.type, file.size, file.sha256] for file in draft.files],
        "answers": draft.answers,
        "seen_order": draft.seen_order,
        "updated_at": draft.updated_at,
        "from": draft.from_address,
        "unread": [list(pair) for pair in draft.unread],
    }


def from_json(data: Mapping[str, Any]) -> Draft:
    """A draft from plain data. Raises where it is none: see `from_bytes`."""

    def _people(pairs: Sequence[Sequence[str]]) -> tuple[Person, ...]:
        return tuple(Person(safe(name, one_line=True), safe(address, one_line=True)) for name, address in pairs)

    if data["format"] != FORMAT or not _NAME.fullmatch(f"draft-{data['id']}.json"):
        raise ValueError("not a draft of this format")
    conversation, answers = data["conversation"], data["answers"]
    return Draft(
        id=str(data["id"]),
        agent=str(data["agent"]),
        kind=DraftKind(data["kind"]),
        conversation_id=None if conversation is None else _whole(conversation),
        account=str(data["account"]),
        to=_people(data["to"]),
        cc=_people(data["cc"]),
        bcc=_people(data["bcc"]),
        subject=safe(data["subject"], one_line=True),
        text=str(data["text"]),
        files=tuple(
            DraftFile(file_name(name), safe(kind, one_line=True), _whole(size), str(sha256))
            for name, kind, size, sha256 in data["files"]
        ),
        answers=None if answers is None else _whole(answers),
        seen_order=_whole(data["seen_order"]),
        updated_at=Micros(_whole(data["updated_at"])),
        from_address=safe(data["from"], one_line=True),
        unread=tuple((str(field), safe(text, one_line=True)) for field, text in data.get("unread", ())),
    )
