"""The composer: where answers, new messages and notes are written.

It holds what is being written and tells what the agent asks for; what becomes of it is decided by
`screens.composing`. Esc parks, it never discards.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea

from agent_tui.desk.compose import Started
from agent_tui.desk.recipients import address_key, compare, parse
from agent_tui.domain.conversation import Channel
from agent_tui.domain.outbox import Draft, DraftKind
from agent_tui.domain.text import SafeText
from agent_tui.widgets.composer_fields import ComposerFields
from agent_tui.widgets.composer_head import ComposerHead, HeadState
from agent_tui.widgets.composer_keys import WRITING, WritingKey
from agent_tui.widgets.composer_text import ComposerText
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.news_line import NewsLine
from agent_tui.widgets.written_draft import RECIPIENTS, WrittenDraft, recipient_fields
from agent_tui.words import _

JOURNAL_AFTER = 0.7
"""Seconds from the first key that is not kept yet: the journal is never a second behind."""
LEAST, MOST_SHARE = 7, 68
"""Lines it has at least, and percent of the height that it grows to: the last words of the customer stay in sight."""


class ComposerPane(WrittenDraft):
    """What is being written."""

    DEFAULT_CSS = """
    ComposerPane { height: 45%; border-top: solid $line; background: $ground; display: none; }
    ComposerPane.-note { background: $note; }
    ComposerPane.-tall { height: 1fr; border-top: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(one.key, f"ask('{one.asks}')", show=False) for one in WRITING if one.asks != "park"),
        Binding("ctrl+enter", "ask('send')", show=False),
        Binding("ctrl+p", "ask('palette')", show=False),
    ]

    class Asked(Message):
        """The agent pressed a key of the composer."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    class Journal(Message):
        """Something was typed and is to be kept now."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._timer: Timer | None = None
        self._state = ("", "faint")
        self._touched = False
        self.head = ComposerHead(id="composer-head")
        self.news = NewsLine(id="composer-news")

    def compose(self) -> ComposeResult:
        """Head, fields, files, text."""
        yield self.news
        yield self.head
        yield self.fields
        yield self.files
        yield self.text

    # what is written

    @property
    def touched(self) -> bool:
        """The agent changed something since it was opened."""
        return self._touched

    def begin(self, started: Started, channel: Channel, senders: tuple[tuple[str, SafeText], ...] = ()) -> None:
        """Show a draft and write on."""
        draft = started.draft
        self.started, self.channel, self.senders = started, channel, senders
        self.fields.sender.choices = tuple(dict.fromkeys(str(address) for _account, address in senders))
        self._files_of = draft
        self._touched = False
        self._stop_timer()
        self.news.say("")
        note = draft.kind is DraftKind.NOTE
        for widget in (self, self.text):
            widget.set_class(note, "-note")
        self.fields.set(
            {
                **recipient_fields(draft),
                "subject": draft.subject,
                "sender": draft.from_address,
            }
        )
        with self.text.prevent(TextArea.Changed):
            self.text.load_text(draft.text)
        self.text.move_cursor(_location(draft.text, started.cursor))
        self.files.tell(draft.files)
        self.say(_("saved") if started.resumed else "")
        self._show_rows(draft)
        nobody = draft.kind is DraftKind.FORWARD and not draft.to
        self.fields.display = draft.kind is DraftKind.NEW or nobody or bool(started.field)
        self.display = True
        self.tell()
        self.grow()
        if self.fields.display and (started.field or not draft.to):
            self.fields.focus_field(started.field or "to")
        else:
            self.text.focus()

    def end(self) -> None:
        """Nothing is being written any more."""
        self._stop_timer()
        self.started = self._files_of = None
        self.turned()
        self.display = False

    @property
    def pending(self) -> bool:
        """Something was typed that the journal has not been asked to keep yet."""
        return self._timer is not None

    # what it says

    def say(self, text: str, role: str = "faint") -> None:
        """The state at the right end: saved, not saved and why."""
        if (text, role) != self._state:
            self._state = (text, role)
            self.tell()

    def tell(self) -> None:
        """Draw the head anew where it changed."""
        if self.started is None:
            return
        draft = self.draft()
        people = (*draft.to, *draft.cc, *draft.bcc)
        change, customer = compare(self.started.proposed, people), self.started.customer
        answers = draft.kind in (DraftKind.REPLY, DraftKind.REPLY_ALL)
        self.head.tell(
            HeadState(
                kind=draft.kind,
                to=draft.to,
                cc=draft.cc,
                bcc=draft.bcc,
                added=frozenset(address_key(a) for a in change.added) if answers else frozenset(),
                removed=change.removed if answers else (),
                channel=self.channel,
                sender=draft.from_address if self.names_sender or len(self.senders) > 1 else "",
                state=self._state[0],
                state_role=self._state[1],
                unread=tuple(str(piece.text) for piece in self.unread()),
                missed=customer.name if answers and customer.is_left_out(people) else "",
                # an answer has the subject of what stands above it
                subject=draft.subject if draft.kind is DraftKind.FORWARD and not self.fields.display else "",
            )
        )

    def not_shown(self) -> tuple[str, ...]:
        """Addresses it goes to that stand whole neither in the head nor in the fields."""
        if self.started is None or not self.has_envelope:
            return ()
        self.tell()
        hidden = self.head.not_shown()
        if not self.fields.display:
            return hidden
        there = {
            p.address
            for name in RECIPIENTS
            if self.fields.is_whole(name)
            for p in parse(self.fields.value(name)).people
        }
        return tuple(address for address in hidden if address not in there)

    def hints(self) -> tuple[Hint, ...]:
        """Keys for the line at the bottom."""
        if self.started is None:
            return ()
        if self.fields.sender.has_focus:
            return (Hint("space", _("another address")), Hint("enter", _("to the recipients")))
        note = self.started.draft.kind is DraftKind.NOTE
        offered = [
            one for one in WRITING if (one.notes or not note) and (one.asks != "recipients" or self.has_envelope)
        ]
        return tuple(Hint(one.key, self._word(one, note=note)) for one in offered)

    def _word(self, one: WritingKey, *, note: bool) -> str:
        if note and one.asks == "send":
            return _("keep note")
        if note and one.asks == "park" and self.text.has_focus:
            return _("put aside")
        if one.asks == "park" and not self.text.has_focus:
            return _("to the text")
        return one.shown_hint

    # inside

    def grow(self) -> None:
        """As high as the text needs, as far as there is room."""
        if isinstance(self.parent, Widget):
            rows = sum(row.display for row in self.fields.children) if self.fields.display else 0
            around = 1 + rows + self.files.lines + sum(line.display for line in (self.news, self.head))
            most = self.parent.size.height * MOST_SHARE // 100
            self.styles.min_height = max(LEAST, min(self.text.wrapped_document.height + around, most))

    def _show_rows(self, draft: Draft) -> None:
        self.fields.query_one("#row-sender").display = len(self.senders) > 1
        for name in ("to", "cc", "bcc", "subject"):
            self.fields.query_one(f"#row-{name}").display = self.has_envelope

    def changed(self) -> None:
        """Something is not kept yet."""
        self.tell()
        self._typed()

    def _typed(self) -> None:
        self._touched = True
        self.say("")
        if self._timer is None:
            self._timer = self.set_timer(JOURNAL_AFTER, self._journal)

    def _journal(self) -> None:
        self._timer = None
        if self.started is not None:
            self.post_message(self.Journal())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    @on(TextArea.Changed)
    def _text_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self.started is not None:
            self.grow()
            self._typed()

    @on(ComposerFields.Changed)
    def _fields_changed(self, event: ComposerFields.Changed) -> None:
        event.stop()
        if self.started is not None:
            self.changed()

    @on(ComposerFields.Done)
    def _fields_done(self, event: ComposerFields.Done) -> None:
        event.stop()
        self.screen.set_focus(self.text)
        self.turned()

    @on(ComposerText.Above)
    def _above(self, event: ComposerText.Above) -> None:
        event.stop()
        if self.fields.display:
            self.screen.set_focus(self.fields.fields["subject"])
        self.turned()

    @on(ComposerText.Beside)
    def _beside(self, event: ComposerText.Beside) -> None:
        event.stop()
        self.post_message(self.Asked("read"))

    @on(ComposerText.Left)
    def _left(self, event: ComposerText.Left) -> None:
        event.stop()
        self.post_message(self.Asked("park"))

    def action_ask(self, what: str) -> None:
        """A key of the composer."""
        if what == "recipients":
            if self.has_envelope and not self.fields.display and self.not_shown():
                self.post_message(self.Asked("people"))
            elif self.has_envelope:
                self.toggle_fields()
        elif self.started is not None:
            self.post_message(self.Asked(what))

    def toggle_fields(self) -> None:
        """Show the recipients to be edited, or go back to the text."""
        if self.fields.display and not self.text.has_focus:
            self.text.focus()
        else:
            self.fields.focus_field("to")


def _location(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    row = before.count("\n")
    return row, len(before) - (before.rfind("\n") + 1)
