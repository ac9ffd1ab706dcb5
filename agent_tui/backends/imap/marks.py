"""Writing there: read and answered marks, and moves that never expunge what is not ours.

Before anything is written it is proven that the UID still is our mail's: a server that was put back from a backup gives
UIDs anew under the old UIDVALIDITY, and what we do to an old mail would be done to a new one that nobody has read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from agent_tui.backends.api import MarksChange, MoveChange, RemoteCopy, Unsupported
from agent_tui.backends.imap.connection import Connection, Folder
from agent_tui.backends.imap.folders import FolderPlan
from agent_tui.backends.imap.line import Answer, Refused
from agent_tui.backends.imap.listed import uids_present
from agent_tui.backends.imap.names import folder_argument
from agent_tui.backends.imap.uidset import MAX_UID, UidSet
from agent_tui.backends.imap.witnesses import Head, heads, still_ours

MANY = 500
"""UIDs in one command."""


def _by_folder(copies: Iterable[RemoteCopy]) -> Mapping[tuple[str, int], list[RemoteCopy]]:
    groups: dict[tuple[str, int], list[RemoteCopy]] = defaultdict(list)
    for copy in copies:
        groups[copy.folder, copy.uidvalidity].append(copy)
    return groups


def _parts(copies: Sequence[RemoteCopy]) -> Iterator[Sequence[RemoteCopy]]:
    for start in range(0, len(copies), MANY):
        yield copies[start : start + MANY]


def _folder(plan: FolderPlan, name: str) -> Folder:
    return plan.all.get(name) or Folder(name)


def can_move(line: Connection) -> bool:
    """Without one of these a move would have to expunge everything that anybody marked as deleted."""
    return bool({"MOVE", "UIDPLUS"} & line.capabilities)


Doubt = Callable[[Iterable[RemoteCopy]], None]
"""Is told of the copies under whose UIDs our mails do not lie."""


async def set_marks(line: Connection, plan: FolderPlan, change: MarksChange, doubt: Doubt) -> None:
    """Write marks. Copies that are gone, and folders that were renumbered or removed, are no error."""
    wanted = ((b"\\Seen", change.seen), (b"\\Answered", change.answered))
    signed = {
        sign + b"FLAGS.SILENT": b" ".join(flag for flag, want in wanted if want is value)
        for sign, value in ((b"+", True), (b"-", False))
    }
    for (name, uidvalidity), copies in _by_folder(change.copies).items():
        await _store(line, _folder(plan, name), uidvalidity, copies, signed, doubt)


async def _store(
    line: Connection,
    folder: Folder,
    uidvalidity: int,
    copies: Sequence[RemoteCopy],
    signed: Mapping[bytes, bytes],
    doubt: Doubt,
) -> None:
    try:
        async with line.inside(folder, uidvalidity) as same:
            if not same:
                return
            if not line.writable:
                raise Unsupported("marks", reason="read_only", folder=folder.name)
            for part in _parts(copies):
                ours, others, _ = await still_ours(line, part)
                doubt(others)
                uids = str(UidSet.of(copy.uid for copy in ours)).encode()
                for item, flags in signed.items() if ours else ():
                    if flags:
                        await line.command("UID", b"STORE", uids, item, b"(" + flags + b")")
    except Refused as no:
        if no.command == "SELECT":
            return
        raise Unsupported("marks", reason="refused", folder=folder.name, server_said=no.said) from None


async def move(
    line: Connection, plan: FolderPlan, change: MoveChange, doubt: Doubt
) -> list[tuple[RemoteCopy, RemoteCopy | None]]:
    """Move to the folder of a role. Tells where each went, as far as the server tells and it proves true."""
    name = plan.with_role(change.role)
    if not name:
        raise Unsupported("move", reason="no_folder", role=change.role)
    if not can_move(line):
        raise Unsupported("move", reason="no_move", role=change.role)
    target = plan.folder(name)
    moved: list[tuple[RemoteCopy, RemoteCopy | None]] = []
    for (source, uidvalidity), copies in _by_folder(change.copies).items():
        if source == target.name:
            moved += [(copy, copy) for copy in copies]
            continue
        try:
            async with line.inside(_folder(plan, source), uidvalidity) as same:
                looks: dict[int, Head] = {}
                here: list[tuple[RemoteCopy, RemoteCopy | None]] = [(copy, None) for copy in copies]
                if same:
                    here = []
                    for part in _parts(copies):
                        ours, others, found = await still_ours(line, part)
                        doubt(others)
                        here += [(copy, None) for copy in others]
                        looks |= found
                        here += await _move(line, target, ours) if ours else []
            moved += await _proven(line, target, here, looks)
        except Refused as no:
            if no.command == "SELECT":
                moved += [(copy, None) for copy in copies]
                continue
            raise Unsupported("move", reason="refused", folder=target.name, server_said=no.said) from None
    return moved


async def _move(
    line: Connection, target: Folder, copies: Sequence[RemoteCopy]
) -> list[tuple[RemoteCopy, RemoteCopy | None]]:
    uids = str(UidSet.of(copy.uid for copy in copies)).encode()
    place = folder_argument(target.name, target.raw)
    if "MOVE" in line.capabilities:
        answer = await _creating(line, target, b"MOVE", uids, place)
    else:
        answer = await _creating(line, target, b"COPY", uids, place)
        await line.command("UID", b"STORE", uids, b"+FLAGS.SILENT", b"(\\Deleted)")
        await line.command("UID", b"EXPUNGE", uids)
    landed = _copyuid(answer)
    left = await uids_present(line)
    result: list[tuple[RemoteCopy, RemoteCopy | None]] = []
    for copy in copies:
        if copy.uid in landed:
            uidvalidity, uid = landed[copy.uid]
            result.append((copy, RemoteCopy(target.name, uidvalidity, uid, copy.email_id)))
        else:
            result.append((copy, copy if copy.uid in left else None))
    return result


async def _proven(
    line: Connection,
    target: Folder,
    moved: Sequence[tuple[RemoteCopy, RemoteCopy | None]],
    looks: Mapping[int, Head],
) -> list[tuple[RemoteCopy, RemoteCopy | None]]:
    """Keep only places where the very mail lies: marks and moves that follow must never meet another.

    What is not proven is left to the next pull, which knows a mail by its content.
    """
    told = [new for _, new in moved if new is not None and new.folder == target.name]
    seen: dict[int, Head] = {}
    validity = 0
    for place, copies in _by_folder(told).items():
        try:
            async with line.inside(target, place[1]) as same:
                if same:
                    validity = place[1]
                    for part in _parts(copies):
                        seen |= await heads(line, [copy.uid for copy in part])
        except Refused:
            continue

    def holds(old: RemoteCopy, new: RemoteCopy) -> bool:
        if new.folder != target.name:
            return True
        look = seen.get(new.uid)
        return new.uidvalidity == validity and look is not None and look[1] != b"" and look == looks.get(old.uid)

    return [(old, new if new is not None and holds(old, new) else None) for old, new in moved]


async def _creating(line: Connection, target: Folder, verb: bytes, uids: bytes, place: bytes) -> Answer:
    """A target that does not exist yet is made."""
    try:
        return await line.command("UID", verb, uids, place)
    except Refused as no:
        if no.code != "TRYCREATE":
            raise
        await line.command("CREATE", place)
        return await line.command("UID", verb, uids, place)


def _copyuid(answer: Answer) -> dict[int, tuple[int, int]]:
    """Where each UID went, by COPYUID; nothing where its sets do not fit together."""
    words = (answer.code("COPYUID") or b"").decode("ascii", "replace").split(" ")
    try:
        uidvalidity, sources, targets = int(words[0]), words[1], words[2]
        old, new = _in_order(sources), _in_order(targets)
    except (ValueError, IndexError):
        return {}
    if len(old) != len(new) or len(set(new)) != len(new) or not 0 < uidvalidity <= MAX_UID:
        return {}
    return {a: (uidvalidity, b) for a, b in zip(old, new, strict=True)}


def _in_order(text: str) -> list[int]:
    """A set in the order it was written, which COPYUID relies on."""
    found: list[int] = []
    for part in text.split(","):
        one = UidSet.parse(part)
        if len(one) > MANY or len(found) > MANY:
            raise ValueError("more than was asked")
        found += one
    return found
