"""Reading a mail: raw bytes to safe text, in bounded time, whatever they hold."""

from __future__ import annotations

from typing import Final

from agent_tui.content.addresses import Mailbox, folded, normalise_address, read_mailboxes
from agent_tui.content.authentication import auth_failed, auth_passed, is_lookalike
from agent_tui.content.automatic import read_automatic
from agent_tui.content.bodies import Body, read_body
from agent_tui.content.calendar import read_calendar
from agent_tui.content.files import MailFiles, file_bytes, read_files, tnef_of
from agent_tui.content.headers import Headers, read_date, read_ids, read_received, split_headers
from agent_tui.content.html import html_text
from agent_tui.content.parsed import ParsedFile, ParsedMail, UnreadableMail
from agent_tui.content.quotes import split_reply
from agent_tui.content.reports import read_report
from agent_tui.content.safe import safe
from agent_tui.content.sealed import opaque_content, seals, without_armour
from agent_tui.content.subjects import is_forward_subject
from agent_tui.content.tree import Part, Tree, read_tree, with_newlines
from agent_tui.domain.message import Automatic, Person
from agent_tui.domain.text import NOTHING, SafeText

LOOP_HEADER: Final = "X-Agent-TUI-Loop"
_RECEIVED_USUAL: Final = 30
_SHOWN_HEADERS: Final = (
    "List-Id",
    "X-Mailer",
    "User-Agent",
    "Authentication-Results",
    "List-Unsubscribe",
    "Organization",
)
_NOT_CONTROLS: Final = bytes([*range(9, 14), 27, *range(32, 256)])
_ONCE: Final = ("from", "sender", "reply-to", "subject", "message-id", "date")

__all__ = ["MailFiles", "file_bytes", "read_headers", "read_mail"]


def read_mail(raw: bytes, *, own_addresses: frozenset[str] = frozenset(), trusted_authserv: str = "") -> ParsedMail:
    """Read a message. Raises `UnreadableMail` where nothing in it can be read, and nothing else."""
    try:
        return _read(with_newlines(raw), own_addresses, trusted_authserv)
    except UnreadableMail:
        raise
    except (MemoryError, RecursionError) as error:
        raise UnreadableMail("too_complex") from error
    except Exception as error:
        raise UnreadableMail("reader_failed", kind=type(error).__name__) from error


def read_headers(raw: bytes, *, own_addresses: frozenset[str] = frozenset(), trusted_authserv: str = "") -> ParsedMail:
    """Read a message of which the headers alone are here: it has no text and no files, and says `partial`."""
    try:
        headers, _ = split_headers(with_newlines(raw))
        if not headers.fields:
            raise UnreadableMail("empty")
        author, faults = _author(headers)
        warnings = ["partial", *faults, *_warnings(headers, author, own_addresses, trusted_authserv)]
        parsed = _assembled(headers, author, Body(), [], warnings)
        return _replaced(parsed, verified=auth_passed(headers, trusted_authserv, author))
    except UnreadableMail:
        raise
    except Exception as error:
        raise UnreadableMail("reader_failed", kind=type(error).__name__) from error


def _read(raw: bytes, own_addresses: frozenset[str], trusted_authserv: str) -> ParsedMail:
    if not raw.strip(b" \t\r\n\0"):
        raise UnreadableMail("empty")
    tree = read_tree(raw)
    headers = tree.root.headers
    if not headers.fields and _is_binary(raw[:4096]):
        raise UnreadableMail("not_a_mail")
    body, files = _content(raw, tree)
    author, warnings = _author(headers)
    warnings += _warnings(headers, author, own_addresses, trusted_authserv)
    told = {
        "truncated": body.truncated or tree.truncated,
        "broken_mime": tree.broken and tree.root.end - tree.root.start > 4,
        "alternatives_differ": body.alternatives_differ,
        f"link_differs:{body.link_differs}": body.link_differs,
        "hidden_text": body.hidden_text,
        "no_headers": not headers.fields,
    }
    warnings += [code for code, holds in told.items() if holds]  # what is empty does not hold
    warnings += seals(tree, body.text)
    body.text = safe(without_armour(body.text))
    report = read_report(raw, tree, body.text)
    parsed = _assembled(headers, author, body, files, list(dict.fromkeys(warnings)))
    automatic = Automatic.REPORT if report is not None else parsed.automatic
    return _replaced(
        parsed,
        report=report,
        automatic=automatic,
        verified=auth_passed(headers, trusted_authserv, author),
    )


def _is_binary(sample: bytes) -> bool:
    """No text in any charset: more than one byte in fifty is a control character."""
    return len(sample.translate(None, delete=_NOT_CONTROLS)) * 50 > len(sample)


def _replaced(parsed: ParsedMail, **changes: object) -> ParsedMail:
    from dataclasses import replace

    return replace(parsed, **changes)  # type: ignore[arg-type]


def _content(raw: bytes, tree: Tree) -> tuple[Body, list[ParsedFile]]:
    """Text and files; behind an opaque signature, those of what it covers."""
    inner = opaque_content(raw, tree.root)
    if inner is not None:
        raw, tree, prefix = inner, read_tree(inner), "s"
    else:
        prefix = ""
    body = read_body(raw, tree)
    if not body.text.strip():
        _read_packed(raw, tree.root, body)
    body.calendar = read_calendar(raw, tree, body.text)
    return body, read_files(raw, tree, {id(part) for part in body.parts}, prefix)


def _read_packed(raw: bytes, root: Part, body: Body) -> None:
    """The text of a winmail.dat, where the mail has no other."""
    for part in root.walk():
        packed = tnef_of(raw, part)
        if packed is None:
            continue
        if packed.text.strip() or packed.rtf.strip():
            body.text = safe((packed.text if packed.text.strip() else packed.rtf).strip("\n"))
        elif packed.html.strip():
            body.text = safe(html_text(packed.html).text)
        if body.text:
            return


def _assembled(
    headers: Headers, author: Person, body: Body, files: list[ParsedFile], warnings: list[str]
) -> ParsedMail:
    subject = headers.text("subject")
    reply = split_reply(body.text, body.marked, author=author, forwarded=is_forward_subject(subject))
    return ParsedMail(
        message_id=next(iter(read_ids(headers.get("message-id"))), ""),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        author=author,
        sender=next(iter(_people(headers, "sender")), None),
        reply_to=_people(headers, "reply-to"),
        to=_people(headers, "to"),
        cc=_people(headers, "cc"),
        bcc=_people(headers, "bcc"),
        delivered_to=_delivered_to(headers),
        subject=subject,
        sent_at=read_date(headers.get("date")),
        received_at=next((at for at in map(read_received, headers.every("received")) if at), None),
        text=_with_calendar(body),
        quoted=reply.quoted,
        signature=reply.signature,
        links=body.links,
        files=files,
        automatic=read_automatic(headers),
        report=None,
        warnings=warnings,
        loop_count=_loops(headers),
        headers={name: headers.text(name.lower()) for name in _SHOWN_HEADERS if headers.has(name.lower())},
    )


def _with_calendar(body: Body) -> SafeText:
    """The text, and behind it what an invitation says: where quotes stand in the text stays true."""
    if not body.calendar:
        return body.text
    return safe(f"{body.text}\n\n{body.calendar}") if body.text.strip() else body.calendar


def _warnings(headers: Headers, author: Person, own_addresses: frozenset[str], trusted_authserv: str) -> list[str]:
    warnings: list[str] = []
    if any(headers.count(name) > 1 for name in _ONCE):
        warnings.append("doubled_header")
    answers = {folded(person.address) for person in _people(headers, "reply-to")} - {""}
    if answers and author.address and folded(author.address) not in answers:
        warnings.append("reply_to_differs")
    if is_lookalike(author, own_addresses):
        warnings.append("lookalike_sender")
    if auth_failed(headers, trusted_authserv, author):
        warnings.append("auth_failed")
    return warnings


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
    return Person(boxes[0].person.shown if boxes else NOTHING, NOTHING), warnings


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


def _loops(headers: Headers) -> int:
    """How often it has gone round: our own mark, a number in it, one address that delivered it again and again."""
    marks = 0
    for value in headers.every(LOOP_HEADER.lower()):
        number = value.strip()
        marks += int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
    delivered = [value.strip().lower() for value in headers.every("delivered-to")]
    again = max((delivered.count(value) for value in set(delivered[:100])), default=1) - 1
    return marks + again + max(0, headers.count("received") - _RECEIVED_USUAL)
