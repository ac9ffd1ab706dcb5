"""Plain data of the store that screens get to see. Screens import it from here and never the store itself."""

from __future__ import annotations

from agent_tui.store.ports import Activity, Changes, DeskWrites, SetAside, StoreError, ViewCount

__all__ = ["Activity", "Changes", "DeskWrites", "SetAside", "StoreError", "ViewCount"]
