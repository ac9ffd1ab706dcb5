"""What is said in the terminal when the desk was left: who sends what has not left yet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent_tui.cli import desk
from agent_tui.domain.outbox import OutboxItem
from agent_tui.locations import locate, prepare
from tests.desk_data import open_test_desk
from tests.screens.states import outbox_full


@pytest.fixture
def items(tmp_path: Path) -> list[OutboxItem]:
    """Held, for later, refused, unknown."""
    places = prepare(locate(str(tmp_path)))
    open_test_desk(places.data, filled=True).close()
    outbox_full(places.data)
    return list(desk._outbox(places))


@pytest.mark.parametrize(
    ("works", "stays", "said"),
    [
        (
            True,
            False,
            "The worker goes on and sends 1 message.\n"
            "1 message waits for its time: it leaves then if the desk or `agent-tui sync` runs.\n",
        ),
        (True, True, "The worker goes on and sends 1 message.\n"),
        (
            False,
            True,
            "1 message has not left, and no worker runs: `agent-tui sync` sends it.\n"
            "1 message waits for its time: it leaves then if the desk or `agent-tui sync` runs.\n",
        ),
    ],
)
def test_what_has_not_left_is_told(
    items: list[OutboxItem], capsys: pytest.CaptureFixture[str], works: bool, stays: bool, said: str
) -> None:
    desk._tell_what_is_left(items, works=works, stays=stays)
    assert capsys.readouterr().err == said


def test_nothing_is_said_where_nothing_waits(items: list[OutboxItem], capsys: pytest.CaptureFixture[str]) -> None:
    desk._tell_what_is_left([], works=True, stays=False)
    held = [item for item in items if item.state == "held" and not item.scheduled]
    desk._tell_what_is_left([replace(held[0], state="sent")], works=True, stays=False)  # type: ignore[arg-type]
    assert capsys.readouterr().err == ""


def test_a_store_that_cannot_be_read_is_no_second_fault(tmp_path: Path) -> None:
    assert list(desk._outbox(locate(str(tmp_path / "none")))) == []
