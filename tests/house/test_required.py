"""What needs an installed program skips with its name, and fails where it is required: nothing is left out silently."""

from __future__ import annotations

import pytest

from tests import conftest


@pytest.mark.parametrize(("required", "outcome"), [(True, pytest.fail.Exception), (False, pytest.skip.Exception)])
def test_a_missing_program_is_told(
    monkeypatch: pytest.MonkeyPatch, required: bool, outcome: type[BaseException]
) -> None:
    monkeypatch.setattr(conftest, "REQUIRE_SERVERS", required)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(outcome, match="tmux is not installed"):
        conftest.installed("tmux")
