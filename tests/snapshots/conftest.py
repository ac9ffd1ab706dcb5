"""What snapshots hang on is pinned: clock, zone, language, terminal, theme, size."""

from __future__ import annotations

from tests.screens.conftest import _reads_fast, make_app

__all__ = ["_reads_fast", "make_app"]
