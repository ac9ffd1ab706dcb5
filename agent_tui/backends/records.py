"""The records of the adapter contract: what a backend yields, what it is handed, and what it answers.

A part of `backends.api`, from where they are imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agent_tui.domain.conversation import Status
from agent_tui.domain.times import Micros

# What comes in


@dataclass(frozen=True, slots=True)
class RemoteCopy:
    """Where a server holds a mail: (folder, UIDVALIDITY, UID). Other backends leave it out."""

    folder: str
    uidvalidity: int
    uid: int
    email_id: str = ""
    """EMAILID of RFC 8474, where the server has it."""
    message_id: str = field(default="", compare=False)
    size: int = field(default=0, compare=False)
    """By what the mail itself is known, in a change that is to be written: a server may give a UID to another mail.
    The Message-ID without brackets, empty where it has none, and the bytes; neither where nothing is known."""


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


@dataclass(frozen=True, slots=True)
class Sent:
    """It was taken over. `refused` lists recipients who were not, with the server's words; `later` those who were
    refused for now: to them alone it is sent again."""

    native_id: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    later: Mapping[str, str] = field(default_factory=dict)
    conversation: str | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """It was refused. Where `passing` is true, a later try may succeed; before the mark nothing of it was sent."""

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
