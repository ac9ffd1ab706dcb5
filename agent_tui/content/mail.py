"""Reading a mail: raw bytes to safe text, in bounded time, whatever they hold."""

from __future__ import annotations

from typing import Final

from agent_tui.content.addresses import Mailbox, normalise_address, read_mailboxes
from agent_tui.content.bodies import Body, is_attachment, read_body
from agent_tui.content.headers import Headers, read_date, read_ids, read_received, split_headers
from agent_tui.content.parsed import ParsedFile, ParsedMail, UnreadableMail
from agent_tui.content.quotes import split_reply
from agent_tui.content.safe import file_name, safe
from agent_tui.content.tree import Part, Tree, read_tree
from agent_tui.domain.message import Automatic, Person
from agent_tui.domain.text import NOTHING

LOOP_HEADER: Final = "x-agent-tui-loop"
_SHOWN_HEADERS: Final = (
    "List-Id",
    "X-Mailer",
    "User-Agent",
    "Authentication-Results",
    "List-Unsubscribe",
    "Organization",
)
_NOBODY: Final = Person(NOTHING, NOTHING)


def read_mail(raw: bytes, *, own_addresses: frozenset[str] = frozenset(), trusted_authserv: str = "") -> ParsedMail:
    """Read a message. Raises `UnreadableMail` where nothing in it can be read, and nothing else."""
    try:
        return _read(raw, own_addresses, trusted_authserv)
    except UnreadableMail:
        raise
    except (MemoryError, RecursionError) as error:
        raise UnreadableMail("too_complex") from error
    except Exception as error:
        raise UnreadableMail("reader_failed", kind=type(error).__name__) from error


def read_headers(raw: bytes, *, own_addresses: frozenset[str] = frozenset()) -> ParsedMail:
    """Read a message of which the headers alone are here."""
    _, end = split_headers(raw)
    parsed = read_mail(raw[:end], own_addresses=own_addresses)
    return parsed


def _read(raw: bytes, own_addresses: frozenset[str], trusted_authserv: str) -> ParsedMail:
    if not raw.strip(b" \t\r\n\0"):
        raise UnreadableMail("empty")
    tree = read_tree(raw)
    headers = tree.root.headers
    if not headers.fields and b"\0" in raw[:4096]:
        raise UnreadableMail("not_a_mail")
    body = read_body(raw, tree)
    author, warnings = _author(headers)
    if not headers.fields:
        warnings.append("no_headers")
    reply_to = _people(headers, "reply-to")
    if body.truncated or tree.truncated:
        warnings.append("truncated")
    if tree.broken:
        warnings.append("broken_mime")
    if body.alternatives_differ:
        warnings.append("alternatives_differ")
    if body.link_differs:
        warnings.append("link_differs")
    reply = split_reply(body.text, body.marked, author=author)
    return ParsedMail(
        message_id=next(iter(read_ids(headers.get("message-id"))), ""),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        author=author,
        sender=next(iter(_people(headers, "sender")), None),
        reply_to=reply_to,
        to=_people(headers, "to"),
        cc=_people(headers, "cc"),
        bcc=_people(headers, "bcc"),
        delivered_to=_delivered_to(headers),
        subject=headers.text("subject"),
        sent_at=read_date(headers.get("date")),
        received_at=next((at for at in map(read_received, headers.every("received")) if at), None),
        text=body.text,
        quoted=reply.quoted,
        signature=reply.signature,
        links=body.links,
        files=_files(raw, tree, body),
        automatic=Automatic.NO,
        report=None,
        warnings=warnings,
        loop_count=headers.count(LOOP_HEADER),
        headers={name: headers.text(name.lower()) for name in _SHOWN_HEADERS if headers.has(name.lower())},
    )


def _author(headers: Headers) -> tuple[Person, list[str]]:
    """Who wrote it, and what is wrong with that."""
    warnings: list[str] = []
    boxes: list[Mailbox] = []
    for value in headers.every("from"):
        boxes += read_mailboxes(value)
    if headers.count("from") > 1 or len(boxes) > 1:
        warnings.append("two_from")
    if len(boxes) == 1 and headers.count("from") == 1 and boxes[0].clean and not boxes[0].grouped:
        return boxes[0].person, warnings
    warnings.append("no_author")
    return Person(boxes[0].person.name or boxes[0].person.address if boxes else NOTHING, NOTHING), warnings


def _people(headers: Headers, name: str) -> list[Person]:
    return [box.person for value in headers.every(name) for box in read_mailboxes(value)]


def _ids(headers: Headers, name: str) -> list[str]:
    return list(dict.fromkeys(i for value in headers.every(name) for i in read_ids(value)))


def _delivered_to(headers: Headers) -> list[str]:
    found: list[str] = []
    for name in ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to"):
        for value in headers.every(name):
            address = normalise_address(value.strip(" <>"))
            if address and address not in found and len(found) < 50:
                found.append(address)
    return found


def _files(raw: bytes, tree: Tree, body: Body) -> list[ParsedFile]:
    used = {id(part) for part in body.parts}
    found: list[ParsedFile] = []
    for part in _leaves(tree.root):
        if id(part) in used or (part.kind.startswith("multipart/") and not part.children):
            continue
        found.append(_file(raw, part))
    return found


def _leaves(root: Part) -> list[Part]:
    """Parts that are files: an attached message is one file, whatever is in it."""
    found: list[Part] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.kind.startswith("multipart/"):
            waiting.extend(reversed(part.children))
        else:
            found.append(part)
    return found


def _file(raw: bytes, part: Part) -> ParsedFile:
    disposition = part.headers.parametered("content-disposition")
    name = disposition.parameters.get("filename") or part.type.parameters.get("name") or ""
    content_id = part.headers.get("content-id").strip().strip("<>")
    inline = disposition.value == "inline" or (bool(content_id) and disposition.value != "attachment")
    return ParsedFile(
        part=part.number or "0",
        name=file_name(name),
        type=safe(part.kind, one_line=True, cap=120),
        size=len(part.content(raw)),
        inline=inline and not is_attachment(part),
        content_id=safe(content_id, one_line=True, cap=300),
    )


def raw_part(raw: bytes, part: str) -> Part | None:
    """The part with this number."""
    tree = read_tree(raw)
    wanted = "" if part == "0" else part
    return next((node for node in tree.root.walk() if node.number == wanted), None)


def file_bytes(raw: bytes, part: str) -> bytes:
    """The bytes of a file that `read_mail` found. Raises `UnreadableMail` where it is not there."""
    found = raw_part(raw, part)
    if found is None:
        raise UnreadableMail("no_such_part", part=str(safe(part, one_line=True, cap=40)))
    return found.content(raw)
