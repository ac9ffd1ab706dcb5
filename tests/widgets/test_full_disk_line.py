"""A disk that takes no more is one line of trouble, in place of the worker that fails for the same reason."""

from __future__ import annotations

import pytest

from agent_tui.domain.times import Micros
from agent_tui.widgets.trouble_lines import troubles


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("disk_full", "The disk is full."),
        ("no_more_files", "The disk has no room for further files (`df -i`)."),
        ("quota_used_up", "Your share of the disk is used up (`quota`)."),
        ("disk_refuses", "The disk refuses to write (`ulimit -f`)."),
    ],
)
def test_why_nothing_can_be_written_is_told_once(code: str, said: str) -> None:
    [told] = troubles((), (), Micros(0), worker_failing=True, only_reading=code)
    assert told.text.startswith(said)
    assert "Everything can be read" in told.text
    assert troubles((), (), Micros(0)) == ()
