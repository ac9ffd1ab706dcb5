"""Drafts, the outbox, the steps of agents, and the change feed."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class DraftTable(SQLModel, table=True):
    """A text being written, as JSON."""

    __tablename__ = "draft"
    __table_args__ = (Index("draft_conversation", "conversation_id", "agent"),)

    id: str = Field(primary_key=True)
    agent: str
    kind: str
    conversation_id: int | None = Field(default=None)
    account: str
    data: str
    updated_at: int


class OutboxTable(SQLModel, table=True):
    """A message on its way out."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_token", "account", "token", unique=True),
        Index("outbox_unfiled", "account", "id", sqlite_where=text("state = 'sent' AND sent_copy = ''")),
        Index(
            "outbox_open",
            "account",
            "state",
            "not_before",
            sqlite_where=text("state IN ('held', 'queued', 'sending', 'unknown')"),
        ),
        Index("outbox_conversation", "conversation_id"),
        Index("outbox_envelope", "account", "envelope_id", sqlite_where=text("envelope_id <> ''")),
    )

    id: int = Field(primary_key=True)
    state: str
    account: str
    conversation_id: int | None = Field(default=None)
    message_id: int | None = Field(default=None)
    kind: str
    token: str
    not_before: int
    scheduled: bool
    attempts: int
    created_at: int
    created_by: str
    fault: str | None = Field(default=None)
    raw: str | None = Field(default=None)
    native_conversation: str | None = Field(default=None)
    envelope_from: str
    envelope_id: str
    marked_at: int | None = Field(default=None)
    sent_copy: str
    data: str
    draft: str
    step_id: int | None = Field(default=None)
    before_status: str
    after_status: str
    settled: bool


class StepTable(SQLModel, table=True):
    """What one key did."""

    __tablename__ = "step"
    __table_args__ = (Index("step_agent", "agent", "id"),)

    id: int = Field(primary_key=True)
    agent: str
    at: int
    code: str
    undone: int
    undoable: bool


class StepChangeTable(SQLModel, table=True):
    """One field of a step."""

    __tablename__ = "step_change"
    __table_args__ = ({"sqlite_with_rowid": False},)

    step_id: int = Field(primary_key=True, foreign_key="step.id")
    place: int = Field(primary_key=True)
    conversation_id: int
    field: str
    before: str
    after: str
    reverted: bool


class FeedTable(SQLModel, table=True):
    """What was touched, in order."""

    __tablename__ = "feed"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: int = Field(primary_key=True)
    kind: str
    ref: int
