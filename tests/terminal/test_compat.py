"""Each use of what Textual does not promise. A failure here names what to look at when Textual is raised."""

from __future__ import annotations

import inspect
from typing import Any

from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input, Static, TextArea

from agent_tui.terminal import _compat
from agent_tui.terminal.driver import QUESTIONS, PaintingDriver, ReadingDriver
from agent_tui.terminal.layer import OutputLayer


class Small(App[None]):
    """Catches what the compositor sends."""

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[Any] = []

    def compose(self) -> ComposeResult:
        yield Static("one", id="one")
        yield Input(id="field")

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        self.updates.append(renderable)
        super()._display(screen, renderable)


class Laid(OutputLayer[None]):
    """Keeps the first line of each picture."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("one", id="one")
        yield Input(id="field")

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, renderable)
        if _compat.takes_frames(self):
            self.drawn.append(screen._compositor.render_strips()[0].text)


async def test_updates_hold_all_cells() -> None:
    """Whole frames are layout updates, parts are chops; both name where each strip stands."""
    app = Small()
    async with app.run_test(size=(30, 6)) as pilot:
        whole = [update for update in app.updates if isinstance(update, LayoutUpdate)]
        assert whole
        update = _compat.update_of(whole[-1])
        assert update is not None
        assert (update.width, update.height) == (30, 6)
        assert sum(strip.cell_length for _, _, strip in update.strips) == 30 * 6
        assert "one" in "".join(strip.text for y, _, strip in update.strips if y == 0)
        app.updates.clear()
        app.query_one("#one", Static).update("two")
        await pilot.pause()
        parts = [update for update in app.updates if isinstance(update, ChopsUpdate)]
        assert parts
        part = _compat.update_of(parts[-1])
        assert part is not None
        assert (part.width, part.height) == (30, 6)
        assert any("two" in strip.text for _, _, strip in part.strips)
        assert all(y == 0 for y, _, _ in part.strips)


def test_other_renderables_are_left_alone() -> None:
    assert _compat.update_of("text") is None
    assert _compat.update_of(None) is None


async def test_frames_are_taken_as_textual_takes_them() -> None:
    app = Small()
    assert not _compat.takes_frames(app)
    async with app.run_test():
        assert _compat.takes_frames(app)
        with app.batch_update():
            assert not _compat.takes_frames(app)
        assert isinstance(_compat.driver_of(app), Driver)


async def test_a_screen_is_laid_out_without_being_drawn() -> None:
    """What is shown has its size at once, and comes with what it is filled with."""
    app = Laid()
    async with app.run_test(size=(30, 6)) as pilot:
        field = app.query_one("#field")
        field.display = False
        await pilot.pause()
        app.drawn.clear()
        app.query_one("#one").styles.height = 2
        field.display = True
        app.arrange(app.screen)
        assert (field.region.y, app.drawn) == (2, [])
        app.query_one("#one", Static).update("two")
        await pilot.pause()
        assert "two" in app.drawn[0]


def test_display_has_the_known_shape() -> None:
    assert list(inspect.signature(App._display).parameters) == ["self", "screen", "renderable"]
    source = inspect.getsource(App._display)
    for guard in ("_batch_count", "_running", "_closed", "post_display_hook"):
        assert guard in source


def test_segments_of_a_strip() -> None:
    strip = Strip([Segment("ab"), Segment("c")])
    assert [segment.text for segment in _compat.segments(strip)] == ["ab", "c"]


def test_safe_text_is_put_into_updates() -> None:
    from textual.geometry import Region

    bad = Strip([Segment("a\x1bb")], 3)
    layout = LayoutUpdate([[bad]], Region(0, 0, 3, 1))
    chops = ChopsUpdate([{0: bad, 3: None}], [(0, 0, 3)], [[3]])
    for update in (layout, chops):
        _compat.with_safe_text(update, lambda text: text.replace("\x1b", "?"))
    assert [strip.text for line in layout.strips for strip in line] == ["a?b"]
    assert [strip.text for strip in chops.chops[0].values() if strip] == ["a?b"]


def test_driver_is_as_we_know_it() -> None:
    """Names that `PaintingDriver` overrides or reads, and the questions it keeps from the terminal."""
    for name in (
        "write",
        "close",
        "start_application_mode",
        "stop_application_mode",
        "run_input_thread",
        "process_message",
    ):
        assert callable(getattr(LinuxDriver, name))
        assert callable(getattr(PaintingDriver, name))
    source = inspect.getsource(LinuxDriver)
    for attribute in ("self._file =", "self.fileno =", "self.exit_event =", "self.attrs_before"):
        assert attribute in source
    written = source.replace("\\033", "\\x1b")
    for question in QUESTIONS:
        assert question.replace("\x1b", "\\x1b") in written
    assert "self.run_input_thread()" in source
    assert 'u")' in source


def test_parser_and_key_names() -> None:
    events = list(_compat.parser(False).feed("j"))
    assert [getattr(event, "key", "") for event in events] == ["j"]
    assert _compat.key_name(":") == "colon"
    assert _compat.key_name("j") == "j"


async def test_text_fields_tell_their_caret() -> None:
    class Fields(App[None]):
        CSS = "Input, TextArea { border: none; padding: 0; height: 1; }"

        def compose(self) -> ComposeResult:
            yield Input("order", id="one")
            yield TextArea("refund", id="two")
            yield Static("three")

    async with Fields().run_test(size=(30, 6)) as pilot:
        field, area = pilot.app.query_one(Input), pilot.app.query_one(TextArea)
        assert field.cursor_blink is True
        assert area.cursor_blink is True
        field.focus()
        await pilot.press("end")
        assert _compat.caret_of(field) == (5, 0)
        await pilot.press("left")
        assert _compat.caret_of(field) == (4, 0)
        area.focus()
        await pilot.press("end")
        assert _compat.caret_of(area) == (6, 1)
        assert _compat.caret_of(pilot.app.query_one(Static)) is None


def test_text_fields_are_where_we_look_for_them() -> None:
    app = OutputLayer[None]()
    assert not app.takes_text()
    assert Input.__module__ == "textual.widgets._input"
    assert TextArea.__module__ == "textual.widgets._text_area"


def test_the_door_chooses_our_driver() -> None:
    assert OutputLayer[None]().driver_class is PaintingDriver


async def test_the_caret_is_drawn_only_where_no_terminal_draws_it() -> None:
    app = OutputLayer[None]()
    async with app.run_test():
        assert app.get_css_variables()["input-cursor-background"] != "transparent"
    assert {"headless", "inline"} <= set(inspect.signature(App.run_async).parameters)


def test_plain_output_on_wish(monkeypatch: Any) -> None:
    monkeypatch.setenv("AGENT_TUI_OUTPUT", "plain")
    assert OutputLayer[None]().driver_class is ReadingDriver


async def test_hooks_in_a_headless_run() -> None:
    """Folding, pastes and the end work without a terminal as well, as tests of the desk need it."""
    from textual import events

    held: list[str] = []

    class Desk(OutputLayer[None]):
        BINDINGS = [("j", "down")]  # noqa: RUF012

        def compose(self) -> ComposeResult:
            yield Input(id="field")
            yield Static("list", id="list")

        def paste_held(self, text: str) -> None:
            held.append(text)

        def action_down(self) -> None:
            held.append("down")

    app = Desk()
    async with app.run_test() as pilot:
        app.query_one(Input).focus()
        await pilot.pause()
        await pilot.press("о")
        app.post_message(events.Paste("more"))
        await pilot.pause()
        assert app.query_one(Input).value == "оmore"
        app.screen.set_focus(None)
        await pilot.press("о")
        app.post_message(events.Paste("delete it all"))
        await pilot.pause()
        assert held == ["down", "delete it all"]
        app.redraw()
        app.place_cursor()
        app.copy_to_clipboard("a\x1bb")
        assert app.clipboard == "ab"
