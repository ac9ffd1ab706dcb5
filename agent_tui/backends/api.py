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
`docs/backends.md` tells the whole story, `backends.testing` proves a backend.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
from agent_tui.domain.account import Capability
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.times import Micros

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


# What comes in


@dataclass(frozen=True, slots=True)
class RemoteCopy:
    """Where a server holds a mail: (folder, UIDVALIDITY, UID). Other backends leave it out."""

    folder: str
    uidvalidity: int
    uid: int
    email_id: str = ""
    """EMAILID of RFC 8474, where the server has it."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a chat or ticket message. Either its bytes, or a reference for `fetch_body`."""

    name: str
    type: str
    size: int
    content: bytes | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True)
class MailArrived:
    """A mail as its raw bytes, or only its headers where it is larger than the account allows."""

    raw: bytes
    arrived_at: Micros
    """INTERNALDATE, or the best that is known; never later than now."""
    copy: RemoteCopy | None = None
    role: str = "inbox"
    """Role of its folder: `inbox`, `sent`, `archive`, `junk`, `drafts`, `trash`, `other`."""
    seen: bool = False
    answered: bool = False
    size: int = 0
    """Of the whole, in bytes."""
    partial: bool = False
    """`raw` holds the headers alone; `fetch_body` brings the rest."""


@dataclass(frozen=True, slots=True)
class TextArrived:
    """A message of a chat, messenger or ticket: text with an author, unique by `native_id` within the account."""

    native_id: str
    conversation: str
    """The backend's own id of the conversation."""
    author_id: str
    """A stable id or address of who wrote."""
    author_name: str
    text: str
    arrived_at: Micros
    outgoing: bool = False
    """Written by us: here, or by a colleague elsewhere."""
    token: str = ""
    """The transaction id we sent it with, where the backend gives it back."""
    subject: str = ""
    files: Sequence[RemoteFile] = ()
    version: str = ""
    edited: bool = False
    identity_kind: str = "chat"
    """Kind of the author's identity: `chat`, `phone`, `email`."""
    emails: Sequence[str] = ()
    """Addresses that the backend itself vouches for: they tie the author to a known customer."""
    seen: bool = False


@dataclass(frozen=True, slots=True)
class CopySeen:
    """A mail we were told of before is still there, with these marks, perhaps in a new place."""

    copy: RemoteCopy
    seen: bool
    answered: bool
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class CopyGone:
    """A mail is no longer where it was. It is marked here, and kept."""

    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class FolderReset:
    """A folder's UIDs mean nothing any more (UIDVALIDITY changed, or it was deleted): all copies there are gone."""

    folder: str
    uidvalidity: int


@dataclass(frozen=True, slots=True)
class FolderRenamed:
    """A folder carries another name now; its UIDs still hold."""

    old: str
    new: str
    uidvalidity: int


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The backend's own conversation changed there: status, assignee, tags."""

    conversation: str
    status: Status | None = None
    native_status: str = ""
    assignee: str | None = None
    tags: Sequence[str] | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class MessageUnreadable:
    """The backend met a message it could not read: set aside with its reason, and the cursor goes on."""

    native_id: str
    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    arrived_at: Micros | None = None
    copy: RemoteCopy | None = None


Change = (
    MailArrived | TextArrived | CopySeen | CopyGone | FolderReset | FolderRenamed | StatusChanged | MessageUnreadable
)


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """Changes with the cursor that stands behind them; the worker commits both together."""

    changes: Sequence[Change]
    cursor: str
    """Opaque. `pull(cursor)` or `history(cursor)` goes on right behind this batch."""
    done: bool = False
    """Nothing is left for now (pull) or for ever (history)."""
    progress: tuple[int, int] | None = None
    """History: messages brought so far, and in all."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Something happened there: pull now."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Alive:
    """The line was proven to be alive (an answer came); nothing else happened."""


# What goes out


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A frozen message. There is no road from a note to this type."""

    token: str
    """Our mark: the Message-ID without brackets, or the transaction id."""
    raw: bytes
    """The whole mail, Bcc left out; empty for other channels."""
    text: str
    """What was written; the whole message on channels that carry text."""
    envelope_from: str
    envelope_to: Sequence[str]
    conversation: str | None
    """The backend's own id of the conversation it belongs to."""
    recipient: str
    """Identity of the customer on channels without envelopes."""
    files: Sequence[RemoteFile] = ()
    envelope_id: str = ""
    """What to name a mail's envelope (ENVID of RFC 3461). It stands nowhere in the mail: only servers that handled it
    can give it back in a report."""


class Leaving(Protocol):
    """Awaited once, right before the bytes leave that could become a message there. It commits the mark.

    `named`: the server took `envelope_id`.
    """

    async def __call__(self, *, named: bool = False) -> None: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """It was taken over. `refused` lists recipients who were not, with the server's words."""

    native_id: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    conversation: str | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """It was refused. Where `passing` is true, a later try may succeed and nothing of it was sent."""

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    passing: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """The bytes left and no answer came. It may have been sent."""

    code: str = "no_answer"
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """It was sent: the backend has it."""

    native_id: str = ""


@dataclass(frozen=True, slots=True)
class NotFound:
    """The backend's own record decides that it was not sent. Plain SMTP can never say so."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """No proof either way."""

    looked: bool = True
    """The folder of sent mails was looked into."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A change was made there."""

    version: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody changed it since `version`; what it is now."""

    current: Mapping[str, str]
    version: str = ""


@dataclass(frozen=True, slots=True)
class MarksChange:
    """Set or clear the read and answered marks of copies."""

    copies: Sequence[RemoteCopy]
    seen: bool | None = None
    answered: bool | None = None


@dataclass(frozen=True, slots=True)
class MoveChange:
    """Move copies into the folder with this role (`archive`, `junk`, `inbox`)."""

    copies: Sequence[RemoteCopy]
    role: str


# The capabilities


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
        """Send once. Everything before `await leaving()` may be tried again; nothing after it."""
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
