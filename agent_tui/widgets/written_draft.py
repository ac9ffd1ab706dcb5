"""What is being written, as it stands on the screen: read from the widgets, written back into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from textual.containers import Vertical

from agent_tui.desk.compose import Started
from agent_tui.desk.recipients import Typed, Unread, one_line, parse, shown
from agent_tui.domain.conversation import Channel
from agent_tui.domain.outbox import Draft, DraftFile, DraftKind
from agent_tui.domain.text import SafeText
from agent_tui.widgets.composer_fields import ComposerFields
from agent_tui.widgets.composer_head import ComposerFiles
from agent_tui.widgets.composer_text import ComposerText

RECIPIENTS = ("to", "cc", "bcc")


def recipient_fields(draft: Draft) -> dict[str, str]:
    """The recipients as they were typed, with what is no address yet behind them."""
    people = zip(RECIPIENTS, (draft.to, draft.cc, draft.bcc), strict=True)
    return {
        name: ", ".join(filter(None, (shown(those), *(text for field, text in draft.unread if field == name))))
        for name, those in people
    }


class WrittenDraft(Vertical):
    """Fields, files and text of one draft."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.started: Started | None = None
        self.channel = Channel.EMAIL
        self.senders: tuple[tuple[str, SafeText], ...] = ()
        """(account, address) pairs it could be sent from."""
        self.names_sender = False
        """There are other addresses of ours: which one it goes out from is told."""
        self._files_of: Draft | None = None
        self.fields = ComposerFields(id="composer-fields")
        self.files = ComposerFiles(id="composer-files")
        self.text = ComposerText(id="composer-text")

    def changed(self) -> None:
        """Something is not kept yet."""
        raise NotImplementedError

    def tell(self) -> None:
        """Draw the head anew where it changed."""
        raise NotImplementedError

    def grow(self) -> None:
        """As high as the text needs."""
        raise NotImplementedError

    def on_resize(self) -> None:
        """Other lines, other room."""
        self.call_after_refresh(self.grow)

    def on_descendant_focus(self) -> None:
        """Left for the text the fields fold to the head; those of a new message take the room from nobody."""
        if self.text.has_focus and self.started is not None and self.started.draft.conversation_id is not None:
            self.fields.display = False
        self.tell()
        self.grow()

    @property
    def turning(self) -> bool:
        """A key led elsewhere, and that is not so yet."""
        return self.text.turning or self.fields.turning

    def turned(self) -> None:
        """It is so now."""
        self.text.turning = self.fields.turning = False

    def follow(self, standing: Callable[[int], int]) -> None:
        """Its conversation may have been joined to another meanwhile: it belongs there then."""
        had = self.started.draft.conversation_id if self.started else None
        if self.started is not None and had is not None and (stands := standing(had)) != had:
            self.started = replace(self.started, draft=replace(self.started.draft, conversation_id=stands))

    @property
    def is_open(self) -> bool:
        """Something is being written."""
        return self.started is not None

    @property
    def has_envelope(self) -> bool:
        return (
            self.started is not None and self.started.draft.kind is not DraftKind.NOTE and self.channel is Channel.EMAIL
        )

    def recipients(self) -> tuple[Typed, Typed, Typed]:
        """To, Cc and Bcc as they were understood."""
        to, cc, bcc = (parse(self.fields.value(name)) for name in RECIPIENTS)
        return to, cc, bcc

    def unread(self) -> tuple[Unread, ...]:
        """Typed recipients that are no address."""
        if not self.has_envelope:
            return ()
        return tuple(piece for typed in self.recipients() for piece in typed.unread)

    def unread_field(self) -> str:
        """The first field in which something is no address."""
        return next((name for name in RECIPIENTS if parse(self.fields.value(name)).unread), "to")

    def sender(self) -> tuple[str, SafeText] | None:
        """Account and address it goes out from; None where what was typed is no address of ours."""
        wanted = self.fields.value("sender").strip().lower()
        return next((pair for pair in self.senders if pair[1].lower() == wanted), None)

    def draft(self) -> Draft:
        """The draft as it stands on the screen."""
        if self.started is None or self._files_of is None:
            raise RuntimeError("nothing is being written")
        base = replace(self.started.draft, text=self.text.text, files=self._files_of.files)
        if not self.has_envelope:
            return base
        to, cc, bcc = self.recipients()
        account, sender = self.sender() or (base.account, base.from_address)
        return replace(
            base,
            account=account,
            to=to.people,
            cc=cc.people,
            bcc=bcc.people,
            subject=one_line(self.fields.value("subject")),
            from_address=sender,
            unread=tuple(
                (name, piece.text)
                for name, typed in zip(RECIPIENTS, (to, cc, bcc), strict=True)
                for piece in typed.unread
            ),
        )

    def take(self, draft: Draft) -> None:
        """Take over what changed elsewhere: files, recipients that were dropped."""
        self._files_of = draft
        self.files.tell(draft.files)
        if self.has_envelope:
            self.fields.set(recipient_fields(draft))
        self.changed()

    def take_files(self, files: tuple[DraftFile, ...]) -> None:
        """Other files go along; what was typed meanwhile stays."""
        if self._files_of is not None:
            self._files_of = replace(self._files_of, files=files)
            self.files.tell(files)
            self.changed()

    def has_seen(self, order: int) -> None:
        """The agent has more of the conversation on his screen now."""
        if self.started is not None:
            self.started = replace(self.started, draft=replace(self.started.draft, seen_order=order))
            self.changed()

    def replace_text(self, text: str) -> None:
        """Another text, as one that can be taken back with undo."""
        self.text.replace(text, (0, 0), self.text.document.end)
        self.text.focus()
