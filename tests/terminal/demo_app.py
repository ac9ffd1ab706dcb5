"""A small desk to test the output layer on: a list, a text and fields. Run as a program on a pty.

`python -m tests.terminal.demo_app` reads how from the environment: LAYOUT=full|split, CURSOR=row|bar, GROUND=1.
"""

from __future__ import annotations

import os
import random
import sys
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Offset, Region, Size
from textual.screen import ModalScreen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input, Static, TextArea

from agent_tui.terminal.environment import output_is_plain
from agent_tui.terminal.layer import OutputLayer

GROUND = "#11141b"
WORDS = [
    *("order", "refund", "parcel", "invoice", "delivery", "courier", "Aurora", "Nimbus", "still", "not", "arrived"),
    *("повернення", "замовлення", "гарантія", "возврат", "заказ", "доставка", "日本語", "注文", "café", "naïve"),
]
NAMES = ["Олена Коваленко", "Marta Lindqvist", "Иван Петров", "J. Weber", "Sofia Rossi", "Юлія Бондар", "山田太郎"]
HOSTILE = "\x1b]52;c;aGFjaw==\x07 \x1b[2J \x9b31m \x1bP$q\x1b\\ [/] \u202etxt \x00\x08\r"


def row(number: int) -> tuple[str, str, str, str, bool]:
    """One conversation of the list, the same in every run."""
    chance = random.Random(number * 7919)
    subject = " ".join(chance.choice(WORDS) for _ in range(chance.randint(4, 9)))
    age = f"{chance.randint(1, 59)}m"
    return chance.choice(NAMES), chance.choice(["mail", "chat", "tg"]), subject, age, chance.random() < 0.3


def style(ink: str, ground: str = GROUND) -> Style:
    return Style.parse(f"{ink} on {ground}")


def fitted(text: str, width: int) -> str:
    """Cut or padded to so many cells."""
    from rich.cells import set_cell_size

    return set_cell_size(text, max(0, width))


class ListView(ScrollView, can_focus=True):
    """Rows of one line, five colours each."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("j", "move(1)"),
        Binding("k", "move(-1)"),
        Binding("pagedown", "page(1)"),
        Binding("pageup", "page(-1)"),
        Binding("n", "arrive"),
    ]

    def on_mount(self) -> None:
        self.cursor = 0
        self.numbers = list(range(400))
        self.light = os.environ.get("CURSOR") == "bar"
        self.show_vertical_scrollbar = False
        self.fit()

    def fit(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.numbers))

    def on_resize(self) -> None:
        self.fit()
        self.go(self.cursor)

    def go(self, target: int) -> None:
        old, self.cursor = self.cursor, max(0, min(len(self.numbers) - 1, target))
        top = self.scroll_offset.y
        for line in (old, self.cursor):
            self.refresh(Region(0, line - top, self.size.width, 1))
        height = max(1, self.size.height)
        if not top <= self.cursor < top + height:
            if abs(self.cursor - old) > 1:
                top += self.cursor - old
            else:
                top = self.cursor - height + 1 if self.cursor > old else self.cursor
            self.scroll_to(y=max(0, top), animate=False, immediate=True)
        region = self.content_region
        self.app.cursor_position = Offset(region.x, region.y + self.cursor - self.scroll_offset.y)

    def action_move(self, by: int) -> None:
        self.go(self.cursor + by)

    def action_page(self, pages: int) -> None:
        self.go(self.cursor + pages * self.size.height)

    def action_arrive(self) -> None:
        """A conversation arrives above the others."""
        self.numbers.insert(0, 1000 + len(self.numbers))
        self.cursor += 1
        self.fit()
        self.scroll_to(y=self.scroll_offset.y + 1, animate=False, immediate=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.size.width
        if index >= len(self.numbers):
            return Strip.blank(width, style("#d5d9e3"))
        name, channel, subject, age, unread = row(self.numbers[index])
        here = index == self.cursor
        ground = "#223049" if here and not self.light else GROUND
        return Strip(
            [
                Segment("▌" if here else " ", style("#7cc4ff", ground)),
                Segment("● " if unread else "  ", style("#7cc4ff", ground)),
                Segment(fitted(name, 20), style("bold #d5d9e3" if unread else "#d5d9e3", ground)),
                Segment(fitted(channel, 6), style("#737c93", ground)),
                Segment(fitted(subject, width - 35), style("#d5d9e3", ground)),
                Segment(age.rjust(5) + " ", style("#8a93a8", ground)),
            ],
            max(width, 35),
        ).crop(0, width)


class Question(ModalScreen[None]):
    """A window over the desk."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "dismiss")]
    CSS = "Question { align: center middle; background: black 40%; } #box { width: 40; height: 5; border: round #7cc4ff; }"

    def compose(self) -> ComposeResult:
        yield Static(Content("A window over the list 日本 é"), id="box")


class Desk(OutputLayer[None]):
    """List, text and fields."""

    ENABLE_COMMAND_PALETTE = False
    CSS = f"""
    Screen {{ background: {GROUND}; color: #d5d9e3; overflow: hidden; }}
    ListView {{ height: 1fr; scrollbar-size: 0 0; }}
    #text {{ width: 1fr; height: 1fr; padding: 0 2; }}
    .bar {{ height: 1; }}
    Input {{ border: none; height: 1; padding: 0; background: {GROUND}; }}
    TextArea {{ border: none; height: 3; padding: 0; background: {GROUND}; }}
    """
    BINDINGS: ClassVar[list[Any]] = [
        Binding("slash", "focus('search')"),
        Binding("e", "focus('editor')"),
        Binding("w", "window"),
        Binding("escape", "focus('list')", priority=False),
        Binding("ctrl+l", "again"),
        Binding("b", "batch"),
        Binding("q", "quit"),
        Binding("ctrl+s", "say('saved')", priority=True),
        Binding("x", "hostile"),
        Binding("ctrl+g", "leave", priority=True),
        Binding("f12", "ping", priority=True),
    ]

    def compose(self) -> ComposeResult:
        yield Static(Content(" Inbox 19   Mine 12   Waiting 31"), classes="bar", id="head")
        if os.environ.get("LAYOUT") == "split":
            chance = random.Random(9)
            lines = ("" if i % 5 == 4 else " ".join(chance.choice(WORDS) for _ in range(9)) for i in range(60))
            with Horizontal():
                view = ListView(id="list")
                view.styles.width = 46
                yield view
                yield Static(Content("\n".join(lines)), id="text")
        else:
            yield ListView(id="list")
        yield Input(id="search", placeholder="search")
        yield TextArea(id="editor", highlight_cursor_line=False)
        yield Static(Content(" r reply   N note   e solve"), classes="bar", id="foot")

    def get_css_variables(self) -> dict[str, str]:
        """Without drawn carets in plain mode as well, so that both can be compared."""
        variables = super().get_css_variables()
        if output_is_plain():
            variables |= {
                "input-cursor-background": "transparent",
                "input-cursor-foreground": variables["foreground"],
                "input-cursor-text-style": "none",
            }
        return variables

    pings = 0

    def on_mount(self) -> None:
        self.animation_level = "none"  # else where a list stands depends on the moment of the next key
        for field in (*self.query(Input), *self.query(TextArea)):
            field.cursor_blink = False
        if os.environ.get("GROUND"):
            self.ground = GROUND
        self.query_one(ListView).focus()

    def paste_held(self, text: str) -> None:
        self.action_say(f"held {len(text)}")

    def action_say(self, words: str) -> None:
        self.query_one("#foot", Static).update(Content(f" {words}"))

    async def action_leave(self) -> None:
        if isinstance(self.screen, Question):
            await self.pop_screen()
        else:
            self.screen.set_focus(self.query_one(ListView))

    def action_ping(self) -> None:
        self.pings += 1
        self.screen_stack[0].query_one("#head", Static).update(Content(f" #{self.pings} Inbox 19   Mine 12"))

    def action_window(self) -> None:
        self.push_screen(Question())

    def action_again(self) -> None:
        self.redraw()

    def action_batch(self) -> None:
        with self.batch_update():
            self.action_say("batch one")
            self.query_one(ListView).go(0)
            self.action_say("batch two")

    def action_hostile(self) -> None:
        self.action_say(HOSTILE)


if __name__ == "__main__":
    desk = Desk()
    desk.run(mouse=False)
    sys.exit(desk.return_code)
