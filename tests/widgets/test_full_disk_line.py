"""A disk that takes no more is one line of trouble, in place of the worker that fails for the same reason."""

from __future__ import annotations

import pytest

from agent_tui.domain.times import Micros
from agent_tui.widgets.trouble_lines import troubles


@pytest.mark.parametrize(
    ("code", "said"), [("disk_full", "The disk is full."), ("disk_refuses", "The disk refuses to write")]
)
def test_why_nothing_can_be_written_is_told_once(code: str, said: str) -> None:
    [told] = troubles((), (), Micros(0), worker_failing=True, only_reading=code)
    assert told.text.startswith(said)
    assert "Everything can be read" in told.text
    assert troubles((), (), Micros(0)) == ()
