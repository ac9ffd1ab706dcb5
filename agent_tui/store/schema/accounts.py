"""Accounts, and what the worker and the desk tell each other about them."""

from __future__ import annotations

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class AccountTable(SQLModel, table=True):
    """One configured backend."""

    __tablename__ = "account"

    id: str = Field(primary_key=True)
    backend: str
    label: str
    channel: str
    options: str
    capabilities: str
    own_addresses: str
    own_name: str
    signature: str
    offline: bool
    removed: bool


class AccountHealthTable(SQLModel, table=True):
    """How an account's connection is."""

    __tablename__ = "account_health"

    account: str = Field(primary_key=True)
    health: str
    since: int
    fault: str | None = Field(default=None)
    next_try_at: int | None = Field(default=None)
    history_done: int
    history_total: int | None = Field(default=None)


class BackendTable(SQLModel, table=True):
    """A backend that the worker found, as JSON."""

    __tablename__ = "backend"

    name: str = Field(primary_key=True)
    data: str


class CursorTable(SQLModel, table=True):
    """Where a stream of an account goes on."""

    __tablename__ = "cursor"

    account: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    cursor: str
    done: bool


class MemoryTable(SQLModel, table=True):
    """What the worker remembers of an account."""

    __tablename__ = "memory"

    account: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str


class ActivityTable(SQLModel, table=True):
    """One line of what the program did."""

    __tablename__ = "activity"

    id: int = Field(primary_key=True)
    at: int
    account: str
    code: str
    parameters: str


class RequestTable(SQLModel, table=True):
    """What the desk wants from the network."""

    __tablename__ = "request"
    __table_args__ = (Index("request_asked", "state", "id"),)

    id: int = Field(primary_key=True)
    account: str
    kind: str
    arguments: str
    state: str
    result: str
    at: int


class RemoteWriteTable(SQLModel, table=True):
    """A change that must reach a backend."""

    __tablename__ = "remote_write"
    __table_args__ = (
        Index("remote_write_led", "leader", sqlite_where=text("leader IS NOT NULL")),
        Index("remote_write_due", "account", "not_before", sqlite_where=text("state = 'waiting'")),
    )

    id: int = Field(primary_key=True)
    account: str
    kind: str
    payload: str
    attempts: int
    not_before: int
    state: str
    conversation_id: int | None = Field(default=None)
    fault: str | None = Field(default=None)
    at: int
    leader: int | None = Field(default=None)


class SetAsideTable(SQLModel, table=True):
    """A message that could not be read."""

    __tablename__ = "set_aside"
    __table_args__ = (Index("set_aside_native", "account", "native_id", unique=True),)

    id: int = Field(primary_key=True)
    account: str
    native_id: str
    code: str
    parameters: str
    at: int
    raw: str | None = Field(default=None)
    size: int
    origin: str
