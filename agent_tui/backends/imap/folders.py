"""Which folders there are, what they are for, and where one went that is not where it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from imapclient.response_parser import parse_response

from agent_tui.backends.api import ProtocolError
from agent_tui.backends.imap.connection import Connection, Folder
from agent_tui.backends.imap.fetching import spoken
from agent_tui.backends.imap.line import Line, Refused
from agent_tui.backends.imap.names import decode_folder, encode_folder, folder_argument
from agent_tui.backends.imap.options import ImapOptions

LONGEST_ENTRY = 64 << 10
"""Of what is said of one folder. Short words cost the parser a hundred times their size."""
ROLES = {"\\sent": "sent", "\\archive": "archive", "\\all": "archive", "\\junk": "junk"}
ROLES |= {"\\trash": "trash", "\\drafts": "drafts"}

NAMES = {
    "sent": "sent|sent items|sent mail|sent messages|gesendet|gesendete elemente|éléments envoyés|enviados|"
    "posta inviata|wysłane|отправленные|надіслані|відправлені",
    "archive": "archive|archives|archiv|архив|архів",
    "junk": "junk|spam|junk e-mail|junk mail|спам|небажана пошта",
    "trash": "trash|deleted|deleted items|deleted messages|papierkorb|corbeille|корзина|удаленные|кошик",
    "drafts": "drafts|entwürfe|brouillons|черновики|чернетки",
}
BY_NAME = {name: role for role, names in NAMES.items() for name in names.split("|")}
"""For servers without SPECIAL-USE."""


async def list_folders(line: Connection) -> Sequence[Folder]:
    """All folders that hold mail."""
    # read in the thread of the line: a list can be long, and other accounts live in the same loop
    return await line.call(partial(_list, capabilities=line.capabilities))


def _list(line: Line, capabilities: frozenset[str]) -> Sequence[Folder]:
    extended = {"SPECIAL-USE", "LIST-EXTENDED"} <= capabilities
    arguments = [b'""', b'"*"', *([b"RETURN (SPECIAL-USE)"] if extended else [])]
    answer = line.command("LIST", *arguments)
    found: dict[str, Folder] = {}
    for folder in sorted(_read_list(answer.untagged.get("LIST", [])), key=_spelled_oddly):
        twin = found.get(folder.name)
        if twin is not None and twin.raw != folder.raw and folder.raw is not None:
            # two spellings of one name are two folders: the odd one is shown as it is spelled
            odd = replace(folder, name=folder.raw.decode("utf-8", "replace"))
            found.setdefault(odd.name, odd)
        else:
            found.setdefault(folder.name, folder)
    return _with_roles(list(found.values()))


def _spelled_oddly(folder: Folder) -> bool:
    return encode_folder(folder.name) != folder.raw


def _read_list(data: Iterable[Any]) -> Iterable[Folder]:
    group: list[Any] = []
    for item in data:
        if item is None:
            continue
        group.append(item)
        if not isinstance(item, bytes):
            continue
        entry, group = _entry(group), []
        if entry is None or not isinstance(entry[0], tuple):
            continue
        flags, delimiter, name = entry
        raw = _raw_name(name)
        marks = frozenset(f.decode("ascii", "replace").lower() for f in flags if isinstance(f, bytes))
        # a name that would end the line it is sent in can never be asked for
        if raw and not set(raw) & set(b"\r\n\0") and not marks & {"\\noselect", "\\nonexistent"}:
            text = decode_folder(raw)
            text = "INBOX" if text.upper() == "INBOX" else text
            shown = delimiter.decode("ascii", "replace") if isinstance(delimiter, bytes) else ""
            yield Folder(text, raw, _delimiter_role(text, shown), marks)


def _entry(group: list[Any]) -> tuple[Any, Any, Any] | None:
    """Flags, delimiter and name; None where they make no sense, which hides no other folder."""
    if len(spoken(group)) > LONGEST_ENTRY:
        return None
    try:
        flags, delimiter, name = parse_response(group)[:3]
    except Exception:
        return None
    return flags, delimiter, name


def _raw_name(name: Any) -> bytes:
    """The parser makes numbers of names such as 2026, and nothing of one that is called NIL."""
    if isinstance(name, bytes):
        return name
    return b"NIL" if name is None else str(name).encode()


def _delimiter_role(name: str, delimiter: str) -> str:
    """What its last part alone suggests."""
    if name == "INBOX":
        return "inbox"
    return BY_NAME.get(name.rsplit(delimiter, 1)[-1].lower() if delimiter else name.lower(), "other")


def _with_roles(folders: Sequence[Folder]) -> Sequence[Folder]:
    """One role for each folder: SPECIAL-USE decides, names only where it is silent (RFC 6154 leaves both to us).

    INBOX is INBOX whatever it bears. Where a flag stands on several folders and the names of some agree with it, the
    others bear it by mistake. Of names, the one nearest to the root of each kind counts.
    """
    flagged = {folder.name: role for folder in folders if (role := _flagged_role(folder))}
    guessed: dict[str, str] = {}
    for folder in sorted(folders, key=lambda f: len(f.name)):
        if folder.role not in ("inbox", "other", *flagged.values()):
            guessed.setdefault(folder.role, folder.name)
    roles = {name: role for role, name in guessed.items()}
    for flag, role in ROLES.items():
        bearing = [folder for folder in folders if flag in folder.flags and flagged.get(folder.name) == role]
        agreeing = [folder for folder in bearing if folder.role == role]
        roles |= {folder.name: role for folder in agreeing or bearing}
    return [replace(f, role="inbox" if f.role == "inbox" else roles.get(f.name, "other")) for f in folders]


def _flagged_role(folder: Folder) -> str:
    """What its flags say; empty where they say nothing, or contradict one another: then its name alone counts."""
    said = {role for flag, role in ROLES.items() if flag in folder.flags}
    return said.pop() if len(said) == 1 and folder.role != "inbox" else ""


class FolderPlan:
    """The folders an account works with, by the names its options give them."""

    def __init__(self, options: ImapOptions, folders: Sequence[Folder]) -> None:
        self._options = options
        self.all = {folder.name: folder for folder in folders}
        self.moved: dict[str, str] = {}
        """Name in the options → name on the server, where a folder was renamed."""

    def folder(self, name: str) -> Folder:
        """By the name of the options; one that the server does not list is asked for as it is written."""
        now = self.moved.get(name, name)
        found = self.all.get(now) or Folder(now)
        if name == "INBOX":
            return replace(found, role="inbox")
        if found.role == "other" and name in self._options.folders:
            return Folder(found.name, found.raw, "inbox", found.flags)
        if name == self._options.archive_folder:
            return Folder(found.name, found.raw, "archive", found.flags)
        if name == self._options.sent_folder:
            return Folder(found.name, found.raw, "sent", found.flags)
        return found

    @property
    def sent(self) -> str:
        """Name of the folder of sent mails; empty where there is none or none is wanted."""
        wanted = self._options.sent_folder
        if wanted == "none":
            return ""
        return self.with_role("sent") if wanted == "auto" else wanted

    def with_role(self, role: str) -> str:
        """Name of the folder of a kind; empty where there is none."""
        if role == "inbox":
            return self._options.folders[0]
        if role == "archive" and self._options.archive_folder:
            return self._options.archive_folder
        bearing = [folder for folder in self.all.values() if folder.role == role]
        # what holds all mail is the archive only where there is no other: to be moved there means nothing elsewhere
        bearing.sort(key=lambda folder: ("\\all" in folder.flags, len(folder.name)))
        return bearing[0].name if bearing else ""

    @property
    def watched(self) -> Sequence[str]:
        """Names, in the order of their weight: INBOX first, then what the options name, sent, archive."""
        names = sorted(self._options.folders, key=lambda name: name != "INBOX")
        return list(dict.fromkeys([*names, *filter(None, [self.sent, self._options.archive_folder])]))

    def refresh(self, folders: Sequence[Folder]) -> None:
        """Take over a new list."""
        self.all = {folder.name: folder for folder in folders}


async def status(line: Connection, folder: Folder, items: bytes = b"(UIDVALIDITY UIDNEXT MESSAGES)") -> dict[str, Any]:
    """STATUS of a folder; empty where it does not exist."""
    try:
        answer = await line.command("STATUS", folder_argument(folder.name, folder.raw), items)
    except Refused:
        return {}
    data = answer.untagged.get("STATUS", [])
    if len(spoken(data)) > LONGEST_ENTRY:
        raise ProtocolError("status", reason="odd_answer")
    try:
        pairs = parse_response(data)[-1]
        if not isinstance(pairs, tuple):
            raise ProtocolError("status")
        return {str(key, "ascii").upper(): value for key, value in zip(pairs[::2], pairs[1::2], strict=True)}
    except ProtocolError:
        raise
    except Exception:
        raise ProtocolError("status", reason="odd_answer") from None
