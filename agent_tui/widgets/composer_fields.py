"""To, Cc, Bcc, subject and sender of a draft, each in a line of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar, Protocol, runtime_checkable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from agent_tui.desk.known_people import with_person
from agent_tui.desk.recipients import one_line, shown
from agent_tui.domain.message import Person
from agent_tui.named_keys import key_shown
from agent_tui.widgets.cells import Line, cut, in_cell, width
from agent_tui.widgets.in_order import run_own_binding
from agent_tui.widgets.look import Look
from agent_tui.widgets.one_line import OneLine
from agent_tui.words import _

LABEL = 12
PAUSE = 0.1
"""Seconds after a key before somebody is looked for."""


class FieldLabel(OneLine):
    """The word before a field."""

    DEFAULT_CSS = f"FieldLabel {{ width: {LABEL}; }}"

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def fill(self, line: Line, width_: int, look: Look) -> None:
        """The word."""
        line.add(" ", look.palette("text")).cell(self.text, width_ - 1, look.palette("quiet"))


@runtime_checkable
class StepsThroughFields(Protocol):
    """What holds fields and knows which one comes next."""

    def step_field(self, field: Widget, step: int) -> None:
        """To the field below (1) or above (-1); 0 leaves them."""
        ...

    def take_key(self, key: str) -> bool:
        """Any other key, before what is typed behind it: true where it was one of their own, and is done."""
        ...


def take_to_holder(field: Widget, key: str, step: int | None) -> bool:
    """A key of a field for what holds it: a step, or perhaps a key of its own; false where nobody wants it."""
    holder = next((node for node in field.ancestors if isinstance(node, StepsThroughFields)), None)
    if holder is None:
        return False
    if step is None:
        return holder.take_key(key)
    holder.step_field(field, step)
    return True


class OneField(Input):
    """One line of text. Enter, Tab and the arrows go on to the next one."""

    STEPS: ClassVar[dict[str, int]] = {"enter": 1, "down": 1, "tab": 1, "up": -1, "shift+tab": -1, "escape": 0}

    DEFAULT_CSS = """
    OneField, OneField:focus { height: 1; border: none; padding: 0; background: $ground; color: $text; }
    OneField:focus { background: $raised; }
    """

    def __init__(self, value: str = "", *, id: str | None = None, password: bool = False) -> None:
        super().__init__(value, id=id, select_on_focus=False, password=password)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        """A paste is text of somebody else: only what may be shown gets in."""
        event.stop()
        event.prevent_default()
        lines = event.text.splitlines() or [""]
        pasted = lines[0] if self.password else one_line(event.text)  # a secret is never shown, and means every sign
        start, end = sorted(self.selection)
        self.replace(pasted, start, end)

    async def _on_key(self, event: events.Key) -> None:
        if not await run_own_binding(self, event):
            await super()._on_key(event)

    def takes_key(self, key: str) -> bool:
        """Asked before the key is queued for us: what is typed behind an Enter belongs to the next field already."""
        return take_to_holder(self, key, self.STEPS.get(key))


class AddressField(OneField):
    """Recipients. The arrow right behind them takes the one that is offered."""

    def takes_key(self, key: str) -> bool:
        """Somebody is taken by the arrow alone, never by what goes on to another field.

        Up and down go through those who are offered before they leave the field.
        """
        fields = next((node for node in self.ancestors if isinstance(node, ComposerFields)), None)
        offers = fields.offers if fields is not None else None
        if offers is not None and offers.person is not None:
            if key in ("down", "up") and offers.step(1 if key == "down" else -1):
                return True
            if key == "right" and self.cursor_position >= len(self.value):
                self.value = with_person(self.value, offers.person)
                self.cursor_position = len(self.value)
                return True
        return super().takes_key(key)


class Offers(OneLine):
    """Who may be meant, while a recipient is typed: one at a time, so that the whole address is seen."""

    DEFAULT_CSS = "Offers { display: none; }"

    def __init__(self) -> None:
        super().__init__()
        self.people: tuple[Person, ...] = ()
        self.at = 0

    @property
    def person(self) -> Person | None:
        """The one who is shown."""
        return self.people[self.at] if self.people else None

    def tell(self, people: tuple[Person, ...]) -> None:
        """Others, or nobody."""
        if people != self.people:
            self.people, self.at = people, 0
            self.display = bool(people)
            self.refresh()

    def step(self, step: int) -> bool:
        """To the next one; false where there is none."""
        if not 0 <= self.at + step < len(self.people):
            return False
        self.at += step
        self.refresh()
        return True

    def fill(self, line: Line, width_: int, look: Look) -> None:
        """The one that the arrow takes, and how many there are."""
        if self.person is None:
            return
        text, faint, accent = (look.palette(role) for role in ("text", "faint", "accent"))
        line.up_to(LABEL, text)
        keys = [(key_shown("right"), _("takes it"))]
        if len(self.people) > 1:
            keys.append((key_shown("down"), _("{place} of {all}").format(place=self.at + 1, all=len(self.people))))
        room = width_ - LABEL - sum(width(key) + width(said) + 3 for key, said in keys) - 1
        line.add(_in_room(self.person, max(4, room), look.glyphs.ellipsis), text)
        for key, said in keys:
            line.add("  ", text).add(key, accent).add(f" {said}", faint)


def _in_room(person: Person, room: int, ellipsis: str) -> str:
    """Name and address. The name gives way: it is the address that tells two of the same name apart."""
    whole = in_cell(shown((person,)))
    address = f"<{in_cell(person.address)}>"
    left = room - width(address) - 1
    if width(whole) <= room or left < 2 or not person.name:
        return cut(whole if width(whole) <= room else address, room, ellipsis)
    return f"{cut(in_cell(person.name), left, ellipsis)} {address}"


class SenderField(OneField):
    """One of our addresses: Space and the arrows go through them, and nothing that is typed changes it."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.choices: tuple[str, ...] = ()

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()

    async def _on_key(self, event: events.Key) -> None:
        if event.key.startswith("ctrl+"):
            return
        event.stop()
        event.prevent_default()
        step = {"space": 1, "right": 1, "left": -1}.get(event.key)
        if step is not None and self.choices:
            here = next((i for i, one in enumerate(self.choices) if one.casefold() == self.value.casefold()), None)
            self.value = self.choices[0 if here is None else (here + step) % len(self.choices)]
            self.cursor_position = 0


class ComposerFields(Vertical):
    """The fields over the text. The sender is filled in already and stands first; behind the subject comes the text."""

    DEFAULT_CSS = """
    ComposerFields { height: auto; display: none; }
    ComposerFields > Horizontal { height: 1; }
    """
    NAMES = ("sender", "to", "cc", "bcc", "subject")

    class Changed(Message):
        """Something was typed into one of them."""

    class Done(Message):
        """On to the text."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sender = SenderField(id="field-sender")
        self.fields: dict[str, OneField] = {"sender": self.sender}
        self.fields |= {name: AddressField(id=f"field-{name}") for name in self.NAMES[1:4]}
        self.fields["subject"] = OneField(id="field-subject")
        self.offers = Offers()
        self.turning = False
        """The last one was left for the text: what is typed behind that waits until that is so."""
        self.look_up: Callable[[str], tuple[Person, ...]] | None = None
        """Who may be meant by what stands in a field of recipients. Asked in a thread: typing never waits for it."""

    def compose(self) -> ComposeResult:
        """Labels and fields."""
        words = {"sender": _("From"), "to": _("To"), "cc": _("Cc"), "bcc": _("Bcc"), "subject": _("Subject")}
        for name, field in self.fields.items():
            with Horizontal(id=f"row-{name}"):
                yield FieldLabel(words[name])
                yield field
        yield self.offers

    def set(self, values: dict[str, str]) -> None:
        """Fill without telling."""
        for name, value in values.items():
            with self.fields[name].prevent(Input.Changed):
                self.fields[name].value = one_line(value)
                self.fields[name].cursor_position = len(self.fields[name].value)

    def value(self, name: str) -> str:
        """What stands in a field."""
        return self.fields[name].value

    def is_whole(self, name: str) -> bool:
        """All of what stands in a field is seen."""
        return width(self.value(name)) < self.fields[name].size.width

    def focus_field(self, name: str) -> None:
        """Write there."""
        self.display = True
        self.fields[name].focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.offers.tell(())  # what was offered was meant for other words
        if isinstance(event.input, AddressField) and event.input.has_focus and self.look_up is not None:
            offering = self._offer(event.input, event.value, self.look_up)
            self.run_worker(offering, group="offers", exclusive=True, exit_on_error=False)
        self.post_message(self.Changed())

    async def _offer(self, field: AddressField, typed: str, look_up: Callable[[str], tuple[Person, ...]]) -> None:
        await asyncio.sleep(PAUSE)
        people = await asyncio.to_thread(look_up, typed)
        if field.has_focus and field.value == typed:
            self.offers.tell(people)

    def on_descendant_blur(self) -> None:
        """Nobody is being typed any more."""
        self.offers.tell(())

    def step_field(self, field: Widget, step: int) -> None:
        """On from a field; behind the last one comes the text."""
        rows = [name for name in self.NAMES if self.query_one(f"#row-{name}").display]
        here = next((i for i, name in enumerate(rows) if self.fields[name] is field), 0)
        if step == 0 or here + step >= len(rows):
            self.turning = True
            self.post_message(self.Done())
        else:
            self.screen.set_focus(self.fields[rows[max(0, here + step)]])

    def take_key(self, key: str) -> bool:
        """None is theirs: they go up to the composer."""
        return False
