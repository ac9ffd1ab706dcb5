"""What was saved in the agent's own editor survives whatever ends it, or the desk."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from agent_tui.domain.outbox import Draft
from agent_tui.store.open import open_reads
from tests.conftest import installed
from tests.pty_terminal import PtyTerminal
from tests.screens import real_desk

SCRIPT = """#!/bin/sh
{before}
printf 'saved words\\n' > "$1"
echo $$ > {pid}
echo EDITOR OPEN
{then}
"""
WAITS = "while :; do sleep 0.1; done"


@pytest.fixture
def vim() -> str:
    return installed("vim")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


def start(home: Path, editor: str) -> PtyTerminal:
    return real_desk.start(home, VISUAL="", EDITOR=editor)


def script(home: Path, then: str = WAITS, before: str = "") -> str:
    """An editor that saves, says so, and does `then`."""
    path = home.parent / "myedit"
    path.write_text(SCRIPT.format(before=before, then=then, pid=home.parent / "pid"))
    path.chmod(0o755)
    return str(path)


def reply(terminal: PtyTerminal) -> None:
    real_desk.open_answer(terminal, "ctrl.s send")
    terminal.type("typed words")
    terminal.wait("typed words", 20)


def open_editor(terminal: PtyTerminal) -> None:
    reply(terminal)
    terminal.press("\x07")
    terminal.wait("EDITOR OPEN", 20)


def open_vim(terminal: PtyTerminal) -> None:
    """Vim with `saved words` above the text, and with others that are not saved."""
    reply(terminal)
    terminal.press("\x07")
    terminal.wait("message-", 20)
    terminal.quiet()
    terminal.press("ggO")
    terminal.type("saved words")
    terminal.press("\x1b")
    terminal.press(":w\r")
    terminal.wait("written", 20)
    terminal.press("oonly typed\x1b")
    terminal.wait("only typed", 20)
    terminal.quiet()


def gone(terminal: PtyTerminal, seconds: float = 20.0) -> None:
    """Wait for the end of a desk whose terminal cannot be read any more."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(terminal.pid, os.WNOHANG)
        if done:
            terminal.ended = os.waitstatus_to_exitcode(status)
            return
        time.sleep(0.05)
    os.kill(terminal.pid, signal.SIGKILL)
    raise AssertionError("the desk did not end")


def drop_line(terminal: PtyTerminal) -> None:
    os.close(terminal.fd)
    gone(terminal)


def drafts(home: Path) -> list[Draft]:
    reads = open_reads(home)
    try:
        return list(reads.drafts("dana"))
    finally:
        reads.close()


def left(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "edit").iterdir())


def test_a_lost_line_loses_nothing_that_was_saved(home: Path) -> None:
    terminal = start(home, script(home))
    open_editor(terminal)
    drop_line(terminal)
    assert [draft.text for draft in drafts(home)] == ["saved words\n"]
    assert left(home) == []


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
@pytest.mark.parametrize("before", ["", "trap '' HUP TERM"], ids=["ends", "hears nothing"])
def test_an_end_from_outside_waits_for_what_was_saved(home: Path, number: signal.Signals, before: str) -> None:
    with start(home, script(home, before=before)) as terminal:
        open_editor(terminal)
        terminal.kill(number)
        assert terminal.until_end(20) is not None
    assert [draft.text for draft in drafts(home)] == ["saved words\n"]
    assert left(home) == []


def test_an_editor_that_is_killed_loses_nothing_that_was_saved(home: Path) -> None:
    with start(home, script(home)) as terminal:
        open_editor(terminal)
        os.kill(int((home.parent / "pid").read_text()), signal.SIGKILL)
        terminal.wait("REPLY(.|\n)*saved words", 20)
        assert [draft.text for draft in drafts(home)] == ["saved words\n"]
        assert left(home) == []


def test_ctrl_c_is_meant_for_the_editor(home: Path) -> None:
    with start(home, script(home)) as terminal:
        open_editor(terminal)
        terminal.press("\x03")
        terminal.wait("REPLY(.|\n)*saved words", 20)
        assert left(home) == []


def test_a_killed_desk_leaves_what_was_saved_to_the_next(home: Path) -> None:
    with start(home, script(home)) as terminal:
        open_editor(terminal)
        terminal.kill(signal.SIGKILL)
        assert terminal.until_end() is not None
    (before,) = drafts(home)
    assert before.text.startswith("typed words")
    with start(home, "") as terminal:
        real_desk.open_answer(terminal, "REPLY(.|\n)*saved words", "What you saved in your editor is kept as a draft")
    assert [(draft.id, draft.text) for draft in drafts(home)] == [(before.id, "saved words\n")]
    assert left(home) == []


@pytest.mark.usefixtures("vim")
def test_vim_and_a_lost_line(home: Path) -> None:
    """What was saved is in the draft; for the rest there is Vim's own file, and Vim offers it for that draft."""
    vim = "vim -T vt220 -u NONE -i NONE"
    terminal = start(home, vim)
    open_vim(terminal)
    drop_line(terminal)
    (draft,) = drafts(home)
    assert draft.text.startswith("saved words\ntyped words")
    assert left(home) == [f".message-{draft.id}.txt.swp"]
    with start(home, vim) as terminal:
        real_desk.open_answer(terminal, "REPLY(.|\n)*saved words")
        terminal.press("\x07")
        terminal.wait("[Ss]wap file", 20)
        terminal.press("r")
        terminal.wait("only typed|Press ENTER", 20)
        terminal.press("\r")
        terminal.wait("only typed", 20)
        terminal.press(":wq\r")
        terminal.wait("REPLY(.|\n)*only typed", 20)
        assert left(home) == []


@pytest.mark.usefixtures("vim")
def test_vim_that_is_ended_by_somebody(home: Path) -> None:
    """Its exit code is that of `:cq`; the file it puts aside tells them apart."""
    with start(
        home, f"sh -c 'echo $$ > {home.parent}/pid; exec vim -T vt220 -u NONE -i NONE \"$1\"' editor"
    ) as terminal:
        open_vim(terminal)
        os.kill(int((home.parent / "pid").read_text()), signal.SIGTERM)
        terminal.wait("REPLY(.|\n)*saved words", 20)
        (draft,) = drafts(home)
        assert draft.text.startswith("saved words\n")


@pytest.mark.usefixtures("vim")
def test_vim_that_is_left_with_an_error_leaves_the_text(home: Path) -> None:
    with start(home, "vim -T vt220 -u NONE -i NONE") as terminal:
        open_vim(terminal)
        terminal.press(":cq\r")
        terminal.wait("yours is as it was", 20)
        assert "typed words" in terminal.text()
        assert "saved words" not in terminal.text()
        assert left(home) == []
    (draft,) = drafts(home)
    assert draft.text.startswith("typed words")
