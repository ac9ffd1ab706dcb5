"""The schema as SQLModel tables. Importing it brings SQLModel in: migrations and tests do, the desk's first paint does not."""

from __future__ import annotations

from agent_tui.store.schema import accounts, conversations, messages, work

__all__ = ["accounts", "conversations", "messages", "work"]
