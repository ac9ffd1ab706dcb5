"""What snapshots hang on is pinned: clock, zone, language, terminal, theme, size."""

from __future__ import annotations

from tests.screens.conftest import make_app

__all__ = ["make_app"]
