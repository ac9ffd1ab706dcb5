"""Messages, notes and events, and where servers hold them."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class MessageTable(SQLModel, table=True):
    """A message without its text."""

    __tablename__ = "message"
    __table_args__ = (
        Index("message_native", "native_id", "account", unique=True),
        Index("message_header", "header_key"),
        Index("message_unread", "id", sqlite_where=text("unread = 1")),
    )

    id: int = Field(primary_key=True)
    account: str
    channel: str
    native_id: str
    direction: str
    author_name: str
    author_address: str
    people: str
    subject: str
    sent_at: int
    arrived_at: int
    automatic: str
    delivery: str
    delivery_detail: str
    unread: int
    header_id: str
    header_key: int
    warnings: str
    contact_id: int | None = Field(default=None)
    raw: str | None = Field(default=None)
    size: int
    files: int
    content_version: int
    partial: bool
    edited: bool


class MessageTextTable(SQLModel, table=True):
    """What is read only when a message is opened."""

    __tablename__ = "message_text"

    id: int = Field(primary_key=True)
    text: str
    quoted: str
    signature: str
    links: str
    refs: str


class MessageReferenceTable(SQLModel, table=True):
    """Which messages refer to a Message-ID, by its key."""

    __tablename__ = "message_reference"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: int = Field(primary_key=True)
    message_id: int = Field(primary_key=True)


class AttachmentTable(SQLModel, table=True):
    """A file of a message."""

    __tablename__ = "attachment"
    __table_args__ = (Index("attachment_message", "message_id"),)

    id: int = Field(primary_key=True)
    message_id: int
    name: str
    type: str
    size: int
    inline: bool
    part: str


class RemoteCopyTable(SQLModel, table=True):
    """Where a server holds a message."""

    __tablename__ = "remote_copy"
    __table_args__ = (
        Index("remote_copy_message", "message_id"),
        Index("remote_copy_email", "email_id", "account", sqlite_where=text("email_id <> ''")),
        {"sqlite_with_rowid": False},
    )

    account: str = Field(primary_key=True)
    folder: str = Field(primary_key=True)
    uidvalidity: int = Field(primary_key=True)
    uid: int = Field(primary_key=True)
    message_id: int
    email_id: str
    seen: bool
    answered: bool
    gone: bool


class NoteTable(SQLModel, table=True):
    """Words for the team alone."""

    __tablename__ = "note"

    id: int = Field(primary_key=True)
    author: str
    text: str
    created_at: int


class EventTable(SQLModel, table=True):
    """Something that happened to a conversation."""

    __tablename__ = "event"

    id: int = Field(primary_key=True)
    code: str
    parameters: str
    by: str
    at: int
