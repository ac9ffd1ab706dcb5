"""Drafts that wait: what each is about, and the keys that go on with one or throw it away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent_tui import ages
from agent_tui.desk.actions import Actions
from agent_tui.desk.customers import contact_of, own_keys
from agent_tui.desk.drafts import Drafts
from agent_tui.desk.quoting import own_words
from agent_tui.desk.recipients import keys_of
from agent_tui.desk.workspace import Desk
from agent_tui.domain.action import ActionStep
from agent_tui.domain.outbox import Draft, DraftKind
from agent_tui.screens.live_sheet import LiveSheet
from agent_tui.widgets.cells import cut, fit, in_cell
from agent_tui.widgets.composer_head import kind_label
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _

KIND = 14
WHOM = 24


class DraftsSheet(LiveSheet):
    """Gives back the id of the draft to go on with. One that was discarded stays in sight, to be brought back."""

    def __init__(self, drafts: Drafts, title: str, desk: Desk) -> None:
        self.drafts = drafts
        self.dropped: dict[str, tuple[Draft, ActionStep]] = {}
        super().__init__(title, desk)

    def read(self) -> list[SheetLine]:
        """All of them, the latest first."""
        kept = [draft for draft in self.drafts.parked() if draft.id not in self.dropped]
        dropped = [draft for draft, _step in self.dropped.values()]
        found = sorted([*kept, *dropped], key=lambda draft: draft.updated_at, reverse=True)
        return draft_lines(found, self.desk, frozenset(self.dropped))

    def hints(self) -> tuple[Hint, ...]:
        """Enter goes on with one that is there."""
        on = isinstance(self.here, str) and self.here not in self.dropped
        return (*((Hint("enter", _("write on")),) if on else ()), *super().hints())

    def keys_here(self) -> Sequence[tuple[str, str, Callable[[], object]]]:
        """Discard, and bring back."""
        here = self.here
        if not isinstance(here, str):
            return ()
        if here in self.dropped:
            return (("z", _("bring back"), lambda: self.do(self._bring_back(here))),)
        return (("d", _("discard"), lambda: self.do(self._discard(here))),)

    def choose(self, index: int) -> None:
        """Go on with it."""
        if 0 <= index < len(self.found) and self.found[index].value not in self.dropped:
            super().choose(index)

    async def _discard(self, draft_id: str) -> None:
        draft = self.drafts.find(draft_id)
        if draft is not None:
            self.drafts.opened(draft)
            self.dropped[draft_id] = draft, await self.drafts.discard(draft)

    async def _bring_back(self, draft_id: str) -> None:
        self.drafts.back(draft_id)
        _draft, step = self.dropped.pop(draft_id)
        await Actions(self.desk).undo(step.id)


def draft_lines(drafts: Sequence[Draft], desk: Desk, dropped: frozenset[str] = frozenset()) -> list[SheetLine]:
    """Kind, for whom, what it is about, and when it was written."""
    present = desk.now()
    lines = []
    for draft in drafts:
        head = f"{fit(kind_label(draft.kind), KIND)} {fit(in_cell(whom(draft, desk)), WHOM)} "
        gone = draft.id in dropped
        right = _("discarded") if gone else ages.age(draft.updated_at, present)
        lines.append(
            SheetLine(head + about(draft, desk), right=right, role="faint" if gone else "text", value=draft.id)
        )
    return lines or [SheetLine(_("No draft waits."), role="quiet")]


def about(draft: Draft, desk: Desk) -> str:
    """How it begins; of one that answers nobody here the subject first, by which it is looked for.

    First whom it goes to where the conversation beside it names somebody else: of a forward, of what is sent again, and
    of an answer to another address than the customer's, as those to a contact form are.
    """
    words = " ".join(own_words(draft.text, desk.settings.phrases).split())
    subject = in_cell(draft.subject).strip() if draft.answers is None else ""
    said = " · ".join(filter(None, (subject, in_cell(words)))) or _("nothing written yet")
    people = (*draft.to, *draft.cc, *draft.bcc)
    if people and (draft.kind in (DraftKind.FORWARD, DraftKind.AGAIN) or _goes_past(draft, desk)):
        # Addresses alone: a name is what its bearer likes it to be.
        who = in_cell(people[0].address or people[0].name)
        who += f" +{len(people) - 1}" if len(people) > 1 else ""
        said = _("to {who}: {text}").format(who=who, text=said)
    return cut(said, 200)


def _goes_past(draft: Draft, desk: Desk) -> bool:
    """An answer by mail that its conversation's customer gets at no address known as his."""
    found = desk.reads.conversation(draft.conversation_id) if draft.conversation_id is not None else None
    addresses = keys_of((*draft.to, *draft.cc, *draft.bcc))
    return bool(found and addresses) and addresses.isdisjoint(own_keys(contact_of(desk.reads, found)))


def whom(draft: Draft, desk: Desk) -> str:
    """The conversation's customer, or the first recipient."""
    if draft.conversation_id is not None:
        conversation = desk.reads.conversation(draft.conversation_id)
        if conversation is not None:
            return f"#{conversation.number} {conversation.customer}"
    return draft.to[0].shown if draft.to else _("nobody yet")
