"""What ingest works with: an account as it sees it, changes made ready, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agent_tui.backends.api import Change, MailArrived, MessageUnreadable, TextArrived
from agent_tui.content.heading import heading_of
from agent_tui.content.parsed import Heading
from agent_tui.domain.account import Account
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Direction
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import MINUTE
from agent_tui.store.ports import Candidate, ConversationState, TellsPlaces
from agent_tui.sync.identity import Key, Ours, email_key
from agent_tui.sync.parse import Reading
from agent_tui.sync.placing import CROWD, Letter

NO_MESSAGE_ID = "@none.invalid"
"""How the names end that mails without a Message-ID are given when they are taken in."""
CROWD_AS_WRITTEN = 5 * CROWD
"""With more recipients than this no address of ours among them, and none that is written twice, makes it no crowd."""
SKEW = 10 * MINUTE
"""So far a server's clock may go behind ours before something new is taken for something old."""


@dataclass(frozen=True, slots=True)
class IngestAccount:
    """What ingest must know of the account that something came by."""

    id: str
    backend: str
    channel: Channel
    ours: Ours
    """Addresses of all accounts."""
    solved: bool = False
    """What comes by it was dealt with elsewhere: it begins solved, and opens nothing again."""

    @classmethod
    def of(cls, account: Account, own: Iterable[str], *, solved: bool = False) -> IngestAccount:
        """The account, with the addresses of all accounts."""
        return cls(account.id, account.backend, account.channel, Ours(own), solved)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change whose bytes lie in the file store, and that was read where it is a mail."""

    change: Change
    sha256: str | None = None
    reading: Reading | None = None
    files: Sequence[str] = ()
    """Hashes of a chat message's files, in their order; empty where the bytes did not come."""
    origin: str = ""
    """The file or folder it came from."""

    @property
    def size(self) -> int:
        """Bytes it holds in memory."""
        match self.change:
            case MailArrived() | MessageUnreadable():
                return len(self.change.raw)
            case TextArrived():
                return len(self.change.text) + sum(len(f.content or b"") for f in self.change.files)
        return 0


class Outcome(StrEnum):
    """What became of a change."""

    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    """It was here already; where it lies and its marks were noted."""
    SET_ASIDE = "set_aside"
    APPLIED = "applied"
    """A change that is no message."""
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one change."""

    outcome: Outcome
    message_id: int | None = None
    conversation_id: int | None = None
    code: str = ""
    """Why it was set aside."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    proves: int | None = None
    """The outbox item that this copy proves to have been sent."""
    customer_wrote: bool = False
    stopped: int = 0
    """Held messages that went back to drafts, because the customer wrote first, or another one."""
    who: SafeText = NOTHING
    """Who wrote, where he is not the customer."""


@dataclass(frozen=True, slots=True)
class TransactionBook:
    """What placing asks for one message, answered within one transaction. Addresses are compared in their normal form."""

    tx: TellsPlaces
    account: str
    ours: Ours
    read_raw: Callable[[str], bytes | None]
    _states: dict[int, ConversationState] = field(default_factory=dict)
    _people: dict[int, frozenset[Key]] = field(default_factory=dict)
    _receivers: dict[int, frozenset[Key]] = field(default_factory=dict)
    """Asked once: nothing changes while a place is sought."""

    def candidates(self, header_ids: Sequence[str]) -> Sequence[Candidate]:
        return self.tx.candidates(self.account, header_ids)

    def orphans(self, header_id: str, most: int) -> Sequence[Candidate]:
        return self.tx.orphans(self.account, header_id, most)

    def participants(self, conversation_id: int) -> frozenset[Key]:
        if conversation_id not in self._people:
            found = self.tx.participants(conversation_id)
            self._people[conversation_id] = frozenset(
                email_key(value) or (kind, value) if kind == "email" else (kind, value) for kind, value in found
            )
        return self._people[conversation_id]

    def contact(self, conversation_id: int) -> int | None:
        return self._state(conversation_id).contact_id

    def contact_of(self, address: str) -> int | None:
        return self.tx.contact_of("email", address)

    def is_spam(self, conversation_id: int) -> bool:
        return self._state(conversation_id).status is Status.SPAM

    def is_only_filed(self, conversation_id: int) -> bool:
        return self._state(conversation_id).only_filed

    def _state(self, conversation_id: int) -> ConversationState:
        if conversation_id not in self._states:
            self._states[conversation_id] = self.tx.conversation_state(conversation_id)
        return self._states[conversation_id]

    def wrote_in(self, conversation_id: int, author: Key) -> bool:
        contact_id = self.tx.contact_of(*author)
        return contact_id is not None and self.tx.wrote_in(conversation_id, contact_id)

    def letters(self, conversation_id: int, limit: int) -> Sequence[Letter]:
        found = []
        for one in self.tx.letters(conversation_id, limit):
            author = email_key(one.author)
            ours = one.direction is Direction.OUT
            # Who writes in our name from outside is nobody.
            known = None if self.ours.has(author) else author
            receivers = self._foreign(one.written_to) if ours else self._few(one.written_to)
            found.append(Letter(known, one.contact_id, ours, receivers, one.doubted))
        return found

    def receivers(self, message_id: int) -> frozenset[Key]:
        if message_id not in self._receivers:
            self._receivers[message_id] = self._named(self.tx.stored_mail(message_id).written_to)
        return self._receivers[message_id]

    def _named(self, addresses: Collection[str]) -> frozenset[Key]:
        """A crowd is left as it is written: nobody is looked for in one, and copies of a letter are written alike."""
        if len(addresses) > CROWD_AS_WRITTEN:
            return frozenset(("written", address) for address in addresses)
        return self._foreign(addresses)

    def _few(self, addresses: Iterable[str]) -> frozenset[Key]:
        """Of a crowd no more than show that it is one: hundreds of letters may each have hundreds of recipients."""
        found: set[Key] = set()
        for address in addresses:
            found |= self._foreign([address])
            if len(found) > CROWD:
                break
        return frozenset(found)

    def _foreign(self, addresses: Iterable[str]) -> frozenset[Key]:
        keys = {email_key(address) for address in addresses}
        return frozenset(key for key in keys if key is not None and not self.ours.has(key))

    def in_envelope(self, envelope_id: str) -> Candidate | None:
        return self.tx.sent_in_envelope(self.account, envelope_id)

    def envelope_of(self, message_id: int) -> str:
        return self.tx.stored_mail(message_id).envelope_id

    def heading_of(self, message_id: int) -> Heading:
        raw = self.tx.stored_mail(message_id).raw
        return heading_of((self.read_raw(raw) if raw else None) or b"")
