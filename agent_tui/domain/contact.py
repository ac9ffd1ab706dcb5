"""Customers and the addresses we know them by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import Micros


class Deliverable(StrEnum):
    """What delivery reports said of an address."""

    OK = "ok"
    SOFT = "soft"
    """A passing failure."""
    HARD = "hard"
    """It does not exist, or refuses us."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One address of a contact. `kind` is `email`, `chat`, `phone`, …; unique by (kind, normalised value)."""

    id: int
    kind: str
    value: SafeText
    deliverable: Deliverable = Deliverable.OK
    deliverable_detail: SafeText = NOTHING
    seen_at: Micros | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer."""

    id: int
    name: SafeText
    identities: tuple[Identity, ...]
    first_seen_at: Micros
    conversation_count: int = 0
