"""The adapter contract: what a backend is, and what it may be asked to do.

A backend is a class found by the entry point group `agent_tui.backends`. It declares its name, its options and
its capabilities, and implements the small protocols of the capabilities it has:

    class MyBackend(Backend):
        name = "my"
        title = "My service"
        api_version = API_VERSION
        channel = Channel.CHAT
        options = MyOptions                      # a pydantic model; secrets are declared with `secret()`
        capabilities = frozenset({Capability.PULL, Capability.SEND})
        proof = "specification"

        async def open(self) -> None: ...        # from here on it may be asked
        async def pull(self, cursor): ...        # ConversationSource
        async def send(self, item, leaving): ... # MessageSender

It never sees the store or the screen. It is given an `AccountContext` and yields plain data. Everything is
asynchronous and may be cancelled at any await. Texts are handed over as they came: the worker makes them safe.
The plain data are the records of `backends.records`; all of the contract is imported from here.
`docs/backends.md` tells the whole story, `backends.testing` proves a backend.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel, Field

from agent_tui.backends.errors import (
    AuthenticationFailed as AuthenticationFailed,
    BackendError as BackendError,
    CertificateRefused as CertificateRefused,
    InsecureLine as InsecureLine,
    Misconfigured as Misconfigured,
    ProtocolError as ProtocolError,
    RateLimited as RateLimited,
    SecretUnavailable as SecretUnavailable,
    Unreachable as Unreachable,
    Unsupported as Unsupported,
)
from agent_tui.backends.records import (
    Alive as Alive,
    Applied as Applied,
    CannotTell as CannotTell,
    Change as Change,
    ChangeBatch as ChangeBatch,
    Conflict as Conflict,
    CopyGone as CopyGone,
    CopySeen as CopySeen,
    FolderRenamed as FolderRenamed,
    FolderReset as FolderReset,
    Found as Found,
    Hint as Hint,
    MailArrived as MailArrived,
    MarksChange as MarksChange,
    MessageUnreadable as MessageUnreadable,
    MoveChange as MoveChange,
    NotFound as NotFound,
    Outgoing as Outgoing,
    Rejected as Rejected,
    RemoteCopy as RemoteCopy,
    RemoteFile as RemoteFile,
    Sent as Sent,
    StatusChanged as StatusChanged,
    TextArrived as TextArrived,
    Unknown as Unknown,
)
from agent_tui.domain.account import Capability
from agent_tui.domain.conversation import Channel, Status

if TYPE_CHECKING:
    from agent_tui.backends.http import HttpClient

API_VERSION = 1
"""Raised when a backend written for an older version could no longer work."""


# Options


def secret(title: str, help: str = "", when: tuple[str, str] | None = None, asked: bool = True, **kwargs: Any) -> Any:
    """Declare an option that is a secret: it is kept in the keyring and reaches the backend by `AccountContext.secret`.

    `when` names another option and the value for which this one is asked for; without `asked` it is only taken
    where it is given.
    """
    extra: dict[str, Any] = {"secret": True, "when": list(when) if when else None, "asked": asked}
    return Field(default="", title=title, description=help, json_schema_extra=extra, **kwargs)


@dataclass(frozen=True, slots=True)
class AccountContext:
    """What a backend is given when it is made."""

    account: str
    """The account's id."""
    options: BaseModel
    """The validated options of `Backend.options`, without secrets."""
    secret: Callable[[str], Awaitable[str]]
    """Secret by option name. Asked anew for each login, so that a token may change. Raises `SecretUnavailable`."""
    own_addresses: frozenset[str]
    """Addresses of all accounts: who writes from one of them is us."""
    remember: Callable[[str, str], Awaitable[None]]
    """Keep a small fact for this account (does the server file its own copies?), kept across restarts."""
    recall: Callable[[str], str | None]
    """A remembered fact."""
    http: HttpClient | None = None
    """The shared HTTP client with its policy, for backends that declare `wants_http`."""


# The capabilities


class Leaving(Protocol):
    """Awaited once, right before the bytes leave that could become a message there. It commits the mark.

    `named`: the server took `envelope_id`.
    """

    async def __call__(self, *, named: bool = False) -> None: ...


@runtime_checkable
class ConversationSource(Protocol):
    """PULL: brings what is new. The first pull, with no cursor, brings the newest few and says where history begins."""

    def pull(self, cursor: str | None) -> AsyncIterator[ChangeBatch]:
        """Everything behind `cursor`, in batches, ending with one that is `done`.

        When the next batch is asked for, the one before is durable: where asking acknowledges, nothing is lost.
        """
        ...


@runtime_checkable
class HistorySource(Protocol):
    """HISTORY: brings what is old, newest first, while the agent already works."""

    def history(self, cursor: str | None) -> AsyncIterator[ChangeBatch]:
        """From `cursor` backwards, ending with a batch that is `done`. Asked only after the first pull.

        The next batch may be asked for before the one before it is durable: reading history changes nothing there.
        """
        ...


@runtime_checkable
class ChangeWatch(Protocol):
    """WATCH: tells when to pull."""

    def watch(self) -> AsyncIterator[Hint | Alive]:
        """Hints until cancelled. Raises `Unreachable` within minutes where the line is dead."""
        ...


@runtime_checkable
class BodySource(Protocol):
    """FETCH_BODY: brings what was left out."""

    async def fetch_body(self, copy: RemoteCopy) -> bytes:
        """The whole raw message."""
        ...


@runtime_checkable
class MessageSender(Protocol):
    """SEND."""

    async def send(self, item: Outgoing, leaving: Leaving) -> Sent | Rejected | Unknown:
        """Send once. Everything before `await leaving()` may be tried again; after it only what was refused for now,
        and proof is looked for first."""
        ...

    async def find_sent(self, item: Outgoing) -> Found | NotFound | CannotTell:
        """Was it sent? Asked before anything unknown is decided."""
        ...


@runtime_checkable
class SentFiler(Protocol):
    """Files a copy of a sent mail where the server does not do it itself."""

    async def file_sent(self, item: Outgoing) -> str:
        """`server` where the server has its own, `appended` where we put one there, `none` where none is wanted."""
        ...


@runtime_checkable
class MarksWriter(Protocol):
    """FLAGS and MOVE."""

    async def set_marks(self, change: MarksChange) -> None:
        """Write the marks there. Copies that are gone are no error."""
        ...

    async def move(self, change: MoveChange) -> Sequence[tuple[RemoteCopy, RemoteCopy | None]]:
        """Move, and say where each went, as far as the server tells."""
        ...


@runtime_checkable
class ConversationWriter(Protocol):
    """STATUS, ASSIGN, TAG on backends that have conversations of their own."""

    async def write(
        self,
        conversation: str,
        version: str,
        *,
        status: tuple[Status, str] | None = None,
        assignee: str | None = None,
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
    ) -> Applied | Conflict:
        """Change the conversation there, based on `version`."""
        ...


@runtime_checkable
class NoteWriter(Protocol):
    """NOTE: the only door for notes, for backends that keep them for the team."""

    async def write_note(self, conversation: str, text: str, token: str) -> Applied:
        """Keep a note with the conversation there, out of the customer's sight."""
        ...


@runtime_checkable
class ContactDirectory(Protocol):
    """DIRECTORY: facts about customers, as a CRM has them."""

    async def look_up(self, kind: str, value: str) -> Sequence[Mapping[str, str]]:
        """Records that carry this identity; each with `id`, `version`, `name` and its fields."""
        ...

    async def update(self, record: str, version: str, fields: Mapping[str, str]) -> Applied | Conflict:
        """Write fields back, based on `version`."""
        ...


class Backend(ABC):
    """A door to one service for one account."""

    name: ClassVar[str]
    title: ClassVar[str]
    api_version: ClassVar[int]
    channel: ClassVar[Channel]
    options: ClassVar[type[BaseModel]]
    capabilities: ClassVar[frozenset[Capability]]
    """The most it may be able to do; `available` narrows it once the server has spoken."""
    proof: ClassVar[str] = "untested"
    wants_http: ClassVar[bool] = False
    overlap: ClassVar[str] = "none"
    """How far a pull may bring again what was brought before, in words for its documentation."""

    def __init__(self, context: AccountContext) -> None:
        self.context = context

    @property
    def available(self) -> frozenset[Capability]:
        """What this account can do, as far as is known."""
        return self.capabilities

    @abstractmethod
    async def open(self) -> None:
        """Connect and log in. Raises a `BackendError`."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of everything. Never raises."""

    async def check(self) -> Sequence[str]:
        """Try everything an account needs without changing anything there; codes of what was proven."""
        await self.open()
        return ["connected"]
