"""Customers, conversations, and what stands in them."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class ContactTable(SQLModel, table=True):
    """A customer."""

    __tablename__ = "contact"

    id: int = Field(primary_key=True)
    name: str
    first_seen_at: int
    conversation_count: int


class IdentityTable(SQLModel, table=True):
    """One address of a contact."""

    __tablename__ = "identity"
    __table_args__ = (
        Index("identity_value", "kind", "normal", unique=True),
        Index("identity_contact", "contact_id"),
    )

    id: int = Field(primary_key=True)
    contact_id: int = Field(foreign_key="contact.id")
    kind: str
    value: str
    normal: str
    deliverable: str
    detail: str
    seen_at: int | None = Field(default=None)
    evidence: str


class ConversationTable(SQLModel, table=True):
    """A conversation and its row of the list."""

    __tablename__ = "conversation"
    __table_args__ = (
        Index("conversation_number", "number", unique=True),
        Index("conversation_box", "box", "last_at", "id"),
        Index("conversation_all", "last_at", "id", sqlite_where=text("box BETWEEN 1 AND 4")),
        Index("conversation_assignee", "assignee", "last_at", "id", sqlite_where=text("box = 1")),
        Index("conversation_contact", "contact_id", "last_at"),
        Index("conversation_native", "account", "native_id", sqlite_where=text("native_id IS NOT NULL")),
        Index("conversation_unread", "id", sqlite_where=text("unread > 0")),
        Index("conversation_snooze", "snoozed_until", sqlite_where=text("snoozed_until IS NOT NULL")),
    )

    id: int = Field(primary_key=True)
    number: int
    account: str
    channel: str
    origin: str
    subject: str
    status: str
    native_status: str
    box: int
    priority: int
    assignee: str
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    customer: str
    snippet: str
    tags: str
    created_at: int
    last_at: int
    last_in_at: int | None = Field(default=None)
    last_out_at: int | None = Field(default=None)
    snoozed_until: int | None = Field(default=None)
    snooze_zone: str | None = Field(default=None)
    unread: int
    message_count: int
    files: int
    failed: int
    native_id: str | None = Field(default=None)
    related: str
    merged_into: int | None = Field(default=None)


class ConversationTagTable(SQLModel, table=True):
    """Conversations by tag."""

    __tablename__ = "conversation_tag"
    __table_args__ = ({"sqlite_with_rowid": False},)

    tag: str = Field(primary_key=True)
    conversation_id: int = Field(primary_key=True, foreign_key="conversation.id")


class TagTable(SQLModel, table=True):
    """How often a tag is used."""

    __tablename__ = "tag"

    name: str = Field(primary_key=True)
    uses: int


class ViewCountTable(SQLModel, table=True):
    """Counts of the views, kept by triggers."""

    __tablename__ = "view_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: str = Field(primary_key=True)
    total: int
    unread: int


class ParticipantTable(SQLModel, table=True):
    """Who took part in a conversation, by normalised address."""

    __tablename__ = "participant"
    __table_args__ = (
        Index("participant_value", "value"),
        {"sqlite_with_rowid": False},
    )

    conversation_id: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)


class PlacementTable(SQLModel, table=True):
    """Where an item stands. Its id is its place in time, and its row in the search index."""

    __tablename__ = "placement"
    __table_args__ = (Index("placement_conversation", "conversation_id", "id", "kind"),)

    id: int = Field(primary_key=True)
    conversation_id: int = Field(foreign_key="conversation.id")
    kind: int
    rule: str
    evidence: str
