"""What was typed survives whatever ends the desk."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from agent_tui.store.open import open_reads
from agent_tui.store.ports import StoreError
from tests.screens import real_desk
from tests.screens.conftest import MakeApp, settle


@pytest.mark.parametrize(
    ("number", "wait_for_journal"),
    [(signal.SIGHUP, False), (signal.SIGTERM, False), (signal.SIGKILL, True)],
    ids=["lost line", "terminated", "killed"],
)
def test_a_draft_survives(tmp_path: Path, number: signal.Signals, wait_for_journal: bool) -> None:
    (tmp_path / "desk").mkdir()
    with real_desk.start(tmp_path / "desk") as terminal:
        real_desk.open_answer(terminal, "ctrl.s send")
        terminal.type("precious words")
        terminal.wait("precious words", 20)
        if wait_for_journal:
            terminal.wait("saved", 20)
        terminal.kill(number)
        for _ in range(200):
            if terminal.ended is not None:
                break
            terminal.pump(0.1)
        assert terminal.ended is not None
    reads = open_reads(tmp_path / "desk")
    try:
        assert [draft.text[:14] for draft in reads.drafts("dana")] == ["precious words"]
    finally:
        reads.close()


async def test_a_store_that_breaks_ends_the_desk_with_a_sentence(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settle(app, pilot)

        def broken() -> None:
            raise StoreError("broken", detail="database disk image is malformed")

        monkeypatch.setattr(app.desk, "refresh", broken)
        for _ in range(500):  # not by the pilot: it waits for a desk that works
            if app.fault is not None:
                break
            await asyncio.sleep(0.01)
    assert app.fault is not None
    assert isinstance(app.fault, StoreError)
    assert app.fault.code == "broken"
    assert app.return_code == 1
    assert app._exit_renderables == [], "no traceback is printed"
