"""The draft journal: what was typed survives a kill, a lost line, and a store that cannot be written.

Where the store refuses, the draft goes into a private folder outside of it and the composer says so; the next start
takes it over from there.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent_tui.content.safe import file_name, safe
from agent_tui.desk.workspace import Desk
from agent_tui.domain.action import ActionStep
from agent_tui.domain.message import Person
from agent_tui.domain.outbox import Draft, DraftFile, DraftKind
from agent_tui.domain.times import Micros
from agent_tui.locations import write_private
from agent_tui.store.ports import DeskWrites, StoreError

FORMAT = 1
_NAME = re.compile(r"draft-([0-9a-f]{32})\.json")


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a draft was kept. `fault` is the store's code where it could not take it."""

    draft: Draft
    where: str
    """`store`, `runtime`, or `nowhere`."""
    fault: str = ""


def new_id() -> str:
    """A draft's own id."""
    return secrets.token_hex(16)


class Drafts:
    """Keeps, lists and drops drafts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._side = SideJournal(desk.settings.runtime)
        self._gone: set[str] = set()
        """Queued or dropped: a late journal entry must not bring one back."""

    async def keep(self, draft: Draft) -> Kept:
        """Journal a draft. Called within a second of typing; never raises, and says where it lies."""
        stamped = replace(draft, updated_at=self._desk.now())
        try:
            await self._desk.write(lambda writes: self._to_store(writes, stamped))
        except StoreError as error:
            return self._aside(stamped, error.code)
        return Kept(stamped, "store")

    def keep_now(self, draft: Draft, wait: float = 5.0) -> Kept:
        """Journal and wait: at the end of the desk, on a lost line. A store that hangs is not waited for."""
        stamped = replace(draft, updated_at=self._desk.now())
        try:
            self._desk.submit(lambda writes: self._to_store(writes, stamped)).result(wait)
        except StoreError as error:
            return self._aside(stamped, error.code)
        except TimeoutError:
            return self._aside(stamped, "locked")
        return Kept(stamped, "store")

    def gone(self, draft_id: str) -> None:
        """It was queued: nothing that was typed before may bring it back."""
        self._gone.add(draft_id)
        self._side.drop(draft_id)

    def back(self, draft_id: str) -> None:
        """It is a draft again."""
        self._gone.discard(draft_id)

    def _to_store(self, writes: DeskWrites, draft: Draft) -> None:
        if draft.id in self._gone:
            return
        writes.save_draft(draft)
        self._side.drop(draft.id)

    def _aside(self, draft: Draft, code: str) -> Kept:
        if draft.id in self._gone:
            return Kept(draft, "store")
        try:
            self._side.keep(draft)
        except OSError:
            return Kept(draft, "nowhere", code)
        return Kept(draft, "runtime", code)

    async def discard(self, draft: Draft) -> ActionStep:
        """Throw a draft away: only where the agent says so. Raises `StoreError`; then it is as it was."""
        self._gone.add(draft.id)
        try:
            step = await self._desk.write(lambda writes: writes.discard_draft(self._desk.agent, draft))
        except BaseException:
            self.back(draft.id)
            raise
        self._side.drop(draft.id)
        return step

    def parked(self) -> list[Draft]:
        """All drafts of this agent, the latest first."""
        found = {draft.id: draft for draft in self._desk.reads.drafts(self._desk.agent)}
        for draft in self._side.all():
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
        for draft in self._side.all():
            stored = self._desk.reads.draft(draft.id)
            if stored is not None and stored.updated_at >= draft.updated_at:
                self._side.drop(draft.id)
                continue
            try:
                await self._desk.write(lambda writes, draft=draft: self._to_store(writes, draft))  # type: ignore[misc]
            except StoreError:
                break
            taken += 1
        return taken


class SideJournal:
    """Drafts as private files, each whole or absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, draft: Draft) -> None:
        """Write a draft, synced, readable by its owner alone. Raises OSError."""
        content = json.dumps(as_json(draft), ensure_ascii=False).encode()
        write_private(self._folder / f"draft-{draft.id}.json", content)

    def drop(self, draft_id: str) -> None:
        """Forget a draft."""
        path = self._folder / f"draft-{draft_id}.json"
        if _NAME.fullmatch(path.name):
            try:
                path.unlink(missing_ok=True)
            except OSError:
                return

    def all(self) -> list[Draft]:
        """What lies here and can be read."""
        if not self._folder.is_dir():
            return []
        found = []
        for path in sorted(self._folder.iterdir()):
            if _NAME.fullmatch(path.name) and not path.is_symlink():
                try:
                    found.append(from_json(json.loads(path.read_text("utf-8"))))
                except (OSError, ValueError, KeyError, TypeError):
                    continue
        return found


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
    """A draft from plain data. Raises ValueError, KeyError or TypeError where it is none."""

    def _people(pairs: Sequence[Sequence[str]]) -> tuple[Person, ...]:
        return tuple(Person(safe(name, one_line=True), safe(address, one_line=True)) for name, address in pairs)

    if data["format"] != FORMAT or not _NAME.fullmatch(f"draft-{data['id']}.json"):
        raise ValueError("not a draft of this format")
    return Draft(
        id=data["id"],
        agent=str(data["agent"]),
        kind=DraftKind(data["kind"]),
        conversation_id=data["conversation"],
        account=str(data["account"]),
        to=_people(data["to"]),
        cc=_people(data["cc"]),
        bcc=_people(data["bcc"]),
        subject=safe(data["subject"], one_line=True),
        text=str(data["text"]),
        files=tuple(
            DraftFile(file_name(name), safe(kind, one_line=True), int(size), str(sha256))
            for name, kind, size, sha256 in data["files"]
        ),
        answers=data["answers"],
        seen_order=int(data["seen_order"]),
        updated_at=Micros(int(data["updated_at"])),
        from_address=safe(data["from"], one_line=True),
        unread=tuple((str(field), safe(text, one_line=True)) for field, text in data.get("unread", ())),
    )
