"""One conversation: what was said in it, who the customer is, and the files that came."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from agent_tui.content.safe import safe
from agent_tui.desk.customers import contact_of, own_keys
from agent_tui.desk.progress import Progress
from agent_tui.desk.tied import Tied, tied
from agent_tui.desk.workspace import Desk
from agent_tui.domain.contact import Contact
from agent_tui.domain.conversation import Conversation, OtherConversation
from agent_tui.domain.message import Attachment, Direction, Item, Message, Note, Placement
from agent_tui.domain.text import SafeText

PAGE = 50
MOST_NUMBERS = 1_000
MOST_BY_CHANCE = 8
RAW_SHOWN = 512 * 1024


class CannotSave(Exception):
    """A file could not be saved: `code` is `no_content`, `no_folder`, `too_many`, `disk_full` or `refused`."""

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code = code
        self.parameters: dict[str, str] = parameters


@dataclass(frozen=True, slots=True)
class SidePanel:
    """The customer beside the conversation."""

    contact: Contact | None
    others: tuple[OtherConversation, ...]
    files: tuple[tuple[Message, Attachment], ...]
    tied: tuple[Tied, ...] = ()
    """What is tied to it by a reference and not joined, beyond his own."""


@dataclass(frozen=True, slots=True)
class RawView:
    """A message as it came: its headers, and the start of the rest. Safe to show."""

    headers: SafeText
    body: SafeText
    size: int
    cut: bool


class OpenConversation:
    """A conversation while it is on screen. Items are read from the end, page by page."""

    def __init__(self, desk: Desk, conversation_id: int) -> None:
        self._desk = desk
        self.id = conversation_id
        self.items: list[Item] = []
        self.all_read = False
        """The first item of the conversation was reached."""
        self.customer: frozenset[str] = frozenset()
        """His own addresses, folded."""

    @property
    def conversation(self) -> Conversation | None:
        """Its present state."""
        return self._desk.reads.conversation(self.id)

    def follow(self) -> bool:
        """Go where it was joined to another conversation meanwhile; true where it was."""
        stands = self._desk.reads.standing(self.id)
        moved, self.id = stands != self.id, stands
        return moved

    def load(self) -> Sequence[Item]:
        """The newest page."""
        self.items = list(self._desk.reads.items(self.id, None, PAGE))
        self.all_read = len(self.items) < PAGE
        self._ask_for_customer()
        return self.items

    def _ask_for_customer(self) -> None:
        self.customer = own_keys(contact_of(self._desk.reads, self.conversation))

    def load_older(self) -> int:
        """One page more above; how many items came."""
        if self.all_read or not self.items:
            return 0
        older = list(self._desk.reads.items(self.id, self.items[0].order, PAGE))
        self.all_read = len(older) < PAGE
        self.items[:0] = older
        return len(older)

    def reload(self) -> Sequence[Item]:
        """Read what is on screen anew, with what came below."""
        wanted = max(PAGE, len(self.items) + PAGE)
        first = self.items[0].order if self.items else None
        fresh = list(self._desk.reads.items(self.id, None, wanted))
        self.all_read = len(fresh) < wanted or self.all_read
        if first is not None and not self.all_read:
            fresh = [item for item in fresh if item.order >= first]
        self.items = fresh
        self._ask_for_customer()
        return fresh

    @property
    def seen_order(self) -> int:
        """Order of the newest message or note that is on screen: a draft written now has seen this much."""
        return max((item.order for item in self.items if isinstance(item, Message | Note)), default=0)

    @property
    def came_back(self) -> bool:
        """Our last message on screen did not reach everybody, and was not written again."""
        ours = (item for item in reversed(self.items) if isinstance(item, Message) and item.direction is Direction.OUT)
        return next((item.is_left_over for item in ours), False)

    def first_unread(self) -> int:
        """Where to land: the first unread message, else the last item."""
        for index, item in enumerate(self.items):
            if isinstance(item, Message) and item.unread:
                return index
        return max(len(self.items) - 1, 0)

    async def mark_read(self, before: int | None = None) -> bool:
        """Opening reads it, here and on the server; only up to what is on screen, and short of what is not seen yet."""
        order = self.seen_order if before is None else min(self.seen_order, before - 1)
        if not any(isinstance(item, Message) and item.unread and item.order <= order for item in self.items):
            return False
        return await self._desk.write(lambda writes: writes.mark_read(self.id, order))


class Conversations:
    """What else is asked about conversations."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def open(self, conversation_id: int) -> OpenConversation:
        """Bring a conversation onto the screen."""
        opened = OpenConversation(self._desk, conversation_id)
        opened.load()
        return opened

    def by_number(self, number: int) -> int | None:
        """The conversation that people call by this number."""
        return self._desk.reads.by_number(number)

    def side_panel(self, conversation_id: int) -> SidePanel:
        """Who the customer is, what else he wrote about, and the files of this conversation."""
        reads = self._desk.reads
        conversation = reads.conversation(conversation_id)
        if conversation is None:
            return SidePanel(None, (), ())
        contact, others = contact_of(reads, conversation), tuple[OtherConversation, ...]()
        if conversation.contact_id is not None:
            others = tuple(reads.others(conversation.contact_id, conversation_id, 50))
        his = {other.id for other in others}
        beyond = tuple(one for one in tied(self._desk, conversation) if one.conversation.id not in his)
        return SidePanel(contact, others, tuple(reads.attachments(conversation_id)), beyond)

    def placement(self, message_id: int) -> Placement | None:
        """Why a message stands where it stands."""
        message = self._desk.reads.message(message_id)
        return message.placement if message else None

    def raw(self, message_id: int) -> RawView | None:
        """A message as it came, made safe to look at."""
        content = self._desk.reads.message_raw(message_id)
        if content is None:
            return None
        head, body = split_raw(content[:RAW_SHOWN])
        return RawView(
            safe(head.decode("utf-8", "replace").replace("\r\n", "\n")),
            safe(body.decode("utf-8", "replace").replace("\r\n", "\n")),
            len(content),
            len(content) > RAW_SHOWN,
        )

    def links(self, message_id: int) -> tuple[SafeText, ...]:
        """Where the links of a message lead."""
        message = self._desk.reads.message(message_id)
        return message.links if message else ()

    async def fetch_whole(self, message: Message) -> int:
        """Ask the worker for what was left out of a large message; returns the request's id."""
        return await self._desk.write(
            lambda writes: writes.ask(message.account, "fetch_body", {"message": str(message.id)})
        )

    # files

    def contents(self, message_id: int, files: Iterable[Attachment]) -> Iterator[bytes | None]:
        """The bytes of files of one message, in their order; None for one that is not kept here.

        Of a chat each is a file of its own, of a mail a part of it: that is read once for all of them.
        """
        from agent_tui.content.mail import MailFiles
        from agent_tui.content.parsed import UnreadableMail

        mail: MailFiles | None = None
        for file in files:
            if file.part.startswith("sha256:"):
                yield self._desk.reads.file_bytes(file.part.removeprefix("sha256:"))
                continue
            if mail is None or not file.part:
                raw = self._desk.reads.message_raw(message_id)
                if raw is None or not file.part:
                    yield raw
                    continue
                mail = MailFiles(raw)
            try:
                yield mail.content(file.part)
            except UnreadableMail:
                yield None

    def content(self, message_id: int, attachment: Attachment) -> bytes | None:
        """The bytes of one file; None where it is not kept here."""
        return next(self.contents(message_id, (attachment,)))

    def save(self, message_id: int, attachment: Attachment, folder: Path | None = None) -> Path:
        """Save an attachment under a name of our making, in one folder, over nothing. Raises `CannotSave`."""
        return self.save_all([(message_id, attachment)], Progress(), folder)

    def save_all(self, files: Sequence[tuple[int, Attachment]], progress: Progress, folder: Path | None = None) -> Path:
        """Save files, each with the id of its message; returns where the last one lies.

        Raises `CannotSave` and `Stopped`; what was saved before that stays.
        """
        progress.begin(len(files))
        path = folder = folder or self._desk.settings.downloads
        for message_id, some in groupby(files, key=itemgetter(0)):
            attachments = [attachment for _message, attachment in some]
            contents = self.contents(message_id, attachments)
            for attachment in attachments:
                progress.check()
                content = next(contents)
                if content is None:
                    raise CannotSave("no_content", name=attachment.name)
                path = save_file(folder, attachment.name, content)
                progress.step()
        return path


def split_raw(content: bytes) -> tuple[bytes, bytes]:
    """Headers and the rest."""
    found = re.search(rb"\r?\n\r?\n", content)
    return (content[: found.start()], content[found.end() :]) if found else (content, b"")


def save_file(folder: Path, name: str, content: bytes) -> Path:
    """Write a new file into a folder: never over another one, never through a link, readable by its owner alone."""
    from agent_tui.content.safe import disk_name

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise CannotSave("no_folder", folder=str(folder), reason=error.strerror or "") from error
    try:
        return folder / _write_new(place, disk_name(name), content)
    finally:
        os.close(place)


def _write_new(place: int, name: str, content: bytes) -> str:
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    numbers = (str(number) for number in range(2, MOST_NUMBERS))
    by_chance = (secrets.token_hex(8) for _ in range(MOST_BY_CHANCE))  # whoever fills a name keeps nobody from it
    for mark in ("", *numbers, *by_chance):
        tried = f"{stem}-{mark}{dot}{suffix}" if mark else name
        try:
            handle = os.open(tried, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=place)
        except FileExistsError:
            continue
        except OSError as error:
            raise CannotSave("refused", name=tried, reason=error.strerror or "") from error
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
        except OSError as error:
            os.unlink(tried, dir_fd=place)
            raise CannotSave("disk_full", name=tried, reason=error.strerror or "") from error
        return tried
    raise CannotSave("too_many", name=name)


def evidence(placement: Placement) -> Mapping[str, str]:
    """The rule's code with what speaks for it."""
    return {"rule": placement.rule.value, **placement.evidence}
