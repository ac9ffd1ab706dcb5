"""Delivery reports: which message they are about, which address failed, and whether for good."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from agent_tui.content.addresses import Mailbox, folded, normalise_address, read_mailboxes
from agent_tui.content.automatic import has_null_sender
from agent_tui.content.charsets import decode
from agent_tui.content.headers import Headers, read_ids, split_headers
from agent_tui.content.heading import read_heading
from agent_tui.content.parsed import DeliveryReport, ReportedRecipient
from agent_tui.content.safe import safe
from agent_tui.content.tree import Part, Tree
from agent_tui.domain.text import NOTHING, SafeText

RECIPIENTS_CAP: Final = 500
_SCAN_CAP: Final = 300_000
_DETECTED_CAP: Final = 200_000
_DETECTED_LINES: Final = 4_000
_DETECTED_LINE: Final = 1_000
"""Bytes of a line: as many as RFC 5322 (2.1.1) allows; some patterns take the square of them."""
_SAID_CAP: Final = 2_000
"""Characters of what a server says that are looked at for its reason."""
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45])\d\d(?:[ -]|$)")
_ADDRESS = re.compile(r"[\w.+=/&#'!*{}|~^%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_DAEMON = re.compile(
    r"^(?:mailer-?daemon|post-?master|mail-?daemon|mdaemon|mmdf|daemon|mailerdaemon|mail-?admin|bounce|uucp|"
    r"ndr|non-?delivery|dsn|[\w.-]{0,30}(?:smtp|mail)[-_.]?(?:service|system|gateway)s?|"
    r"mail[-_.]?delivery[\w.-]*|delivery[\w.-]*|no-?reply-?mail|system-administrator|microsoftexchange\w*)(?:[-+=._@]|$)",
    re.IGNORECASE,
)
_SURELY_DAEMON = re.compile(r"^(?:mailer-?daemon|mail-?daemon|mmdf)(?:[-+=._@]|$)", re.IGNORECASE)
_DAEMON_NAME = re.compile(
    r"mail delivery (?:sub)?system|mailer-daemon|postmaster|mail administrator|system administrator", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"undeliver|not (?:be )?delivered|non[- ]delivered|non[- ]delivery|nondeliverable|delivery (?:status|failure|failed|report|has failed|problem|notification)|deliver(?:y|ing) (?:your|the) (?:message|mail)|"
    r"failure (?:notice|delivery)|returned (?:mail|to sender)|return(?:ed|ing) (?:message|mail)|mail (?:delivery|system|could not)|"
    r"(?:delivery|mail(?:er)?) (?:failure|error)|failed mail|message (?:status|could not|not delivered|you sent)|could not (?:be delivered|send)|unable to deliver|"
    r"undelivered|user unknown|rejected|warning: (?:could not|message)|delayed|bounce|unzustellbar|"
    r"nicht (?:zugestellt|zustellbar)|zustellung fehlgeschlagen|échec|non remis|non distribu|no se (?:pudo|ha podido) entregar|"
    r"no entregado|mancat[ao] (?:consegna|recapito)|não (?:foi )?entregue|falha na entrega|niedoręczon|nie (?:została )?dostarczon|"
    r"не (?:было |була |був |может быть )?доставлен|недоставлен|не удалось доставить|ошибка доставки|не вдалося доставити|"
    r"помилка доставки|配信|送信できません|退信|投递失败",
    re.IGNORECASE,
)
_PASSING = re.compile(
    r"will (?:be )?(?:retr|keep trying|continue|try again)|still (?:trying|being)|delayed|not yet been|temporar|warning message|"
    r"timed? ?out|unable to connect|unreachable|network error|connection (?:refused|lost|reset)|host not reachable|exceeds allowed size|"
    r"over ?quota|quota exceeded|mailbox (?:is )?full|try again later|4\.\d\.\d|greylist|deferred|連続|あふれ",
    re.IGNORECASE,
)
_ABOUT_MESSAGE = re.compile(
    r"\bspam|junk ?mail|unsolicited|block(?:ed|ing|list)|black ?list|\brbl\b|dnsbl|reputation|polic(?:y|ies)|virus|malware|"
    r"phish|banned|content (?:reject|filter|restrict|scan|not )|contains? (?:a )?(?:url|link|forbidden|prohibited)|uribl|surbl|"
    r"dmarc|dkim|\bspf\b|too (?:large|big|long)|(?:size|length) (?:limit|exceed)|exceed\w* (?:the )?(?:\w+ )?(?:size|length|limit)|"
    r"maximum (?:message )?size|(?:bulk|mass) ?e?-?mail|"
    r"over ?quota|quota exceed|exceed\w* .{0,40}(?:quota|space|storage|messages)|(?:mail)?box (?:is |has been )?full|too many messages|"
    r"(?:insufficient|out of|not enough) (?:\w+ )?(?:storage|space)|disk full|переполнен|переповнен|postfach .{0,20}voll|"
    r"boîte .{0,30}pleine|buzón .{0,20}lleno|casella .{0,20}piena|skrzynka .{0,20}pełna",
    re.IGNORECASE,
)
"""The server did not want this message, or had no room for it; nothing is said against the address."""
_ABOUT_ADDRESS = re.compile(
    r"(?:user|recipient|mailbox|account|address|customer|host|domain)\b.{0,60}\b(?:unknown|not (?:found|exist|known|a valid|active)|does ?n.t|"
    r"invalid|disabled|inactive|suspended|closed|deactivated|no longer)|no such|unknown (?:user|recipient|address|mailbox|local)|"
    r"(?:invalid|bad|nonexistent|no) (?:user|recipient|mail ?box|address|destination)|does ?n.t (?:exist|have)|does not (?:exist|have)|"
    r"not our customer|unrout|undeliverable address",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"contact|assist|help|support|questions|message-id|^[>\s]*(?:from|sender|return-path|reply-to|to|cc|date|received|x-[\w-]+)\s*:",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"fail|unknown|not (?:found|exist|recogni|listed|known|deliver|a valid)|no such|invalid|reject|refus|unable|could ?n.t|undeliver|error|"
    r"disabled|inactive|suspend|full|quota|exceed|rcpt|does ?n.t|timed? ?out|denied|bounce|unrout",
    re.IGNORECASE,
)
_RETURNED_ID = re.compile(
    rb"^[>\s|]{0,6}message-id:[ \t]*(?:\r?\n[>\s]+)?([^\r\n]{1,600})", re.IGNORECASE | re.MULTILINE
)
_FIELD_LINE = re.compile(rb"[!-9;-~]{1,200}[ \t]*:|[ \t]+[^\s]")
_HEAD_LINES: Final = 300
_RETURNED: Final = frozenset(
    {"message/rfc822", "message/global", "message/rfc822-headers", "text/rfc822-headers", "message/partial"}
)
_NEEDLESS: Final = frozenset({"failed", "delayed", "delivered", "relayed", "expanded"})


def read_report(raw: bytes, tree: Tree, text: str) -> DeliveryReport | None:
    """The report that this mail is, or None."""
    headers = tree.root.headers
    parts = [part for part in tree.root.walk() if not part.within("message/rfc822")]
    told = [part for part in parts if part.kind in {"message/delivery-status", "message/global-delivery-status"}]
    kind = tree.root.type.parameters.get("report-type", "").lower()
    if told:
        recipients = [found for part in told for found in _told(raw, part)]
        stated = bool(recipients)
        if not recipients:
            recipients = _guessed(raw, tree, headers, text)
        envelope = _envelope_id(raw, told)
        return replace(
            _given_back(raw, parts, headers), recipients=recipients[:RECIPIENTS_CAP], stated=stated, envelope=envelope
        )
    noted = next((p for p in parts if p.kind in {"message/disposition-notification", "message/feedback-report"}), None)
    if noted is not None or kind in {"disposition-notification", "feedback-report"}:
        found = _given_back(raw, parts, headers)
        return found if found.returned else replace(found, about=_noted_id(raw, noted) or found.about)
    sure = _surely_one(headers, kind)
    if not sure and not _perhaps_one(headers):
        return None
    recipients = _guessed(raw, tree, headers, text)[:RECIPIENTS_CAP]
    if not sure and not recipients and not any(part.kind in _RETURNED for part in parts):
        return None  # a courier's notices come from `delivery@…` as well
    return replace(_given_back(raw, parts, headers), recipients=recipients)


def _from_nobody(headers: Headers) -> bool:
    """Servers report with the empty return path, so that nothing answers; a few name themselves there."""
    path = headers.get("return-path").strip().strip("<>").strip()
    return not headers.has("return-path") or has_null_sender(headers) or bool(_DAEMON.match(path))


def _surely_one(headers: Headers, kind: str) -> bool:
    if kind == "delivery-status" or headers.has("x-failed-recipients"):
        return True
    if any(_SURELY_DAEMON.match(box.person.address) for box in _senders(headers)):
        return True
    return has_null_sender(headers) and bool(_SUBJECT.search(headers.text("subject")))


def _perhaps_one(headers: Headers) -> bool:
    daemon = any(_DAEMON.match(box.person.address) or _DAEMON_NAME.search(box.person.name) for box in _senders(headers))
    if has_null_sender(headers):
        return daemon
    submitted = headers.get("auto-submitted").lower().startswith("auto-")
    return (daemon or submitted) and bool(_SUBJECT.search(headers.text("subject")))


def _senders(headers: Headers) -> list[Mailbox]:
    return [box for value in headers.every("from") for box in read_mailboxes(value)]


# What the report says in fields


def _told(raw: bytes, part: Part) -> Iterator[ReportedRecipient]:
    for fields in _groups(part.content(raw, _SCAN_CAP)):
        address = ""
        for name in ("original-recipient", "final-recipient", "x-actual-recipient"):  # as it was written to comes first
            address = address or _typed_address(fields.get(name))
        if not address:
            continue
        action = fields.get("action").split("(")[0].strip().strip(";").lower()
        status = _STATUS.search(fields.get("status")) or _STATUS.search(fields.get("diagnostic-code"))
        diagnostic = fields.get("diagnostic-code").partition(";")[2].strip() or fields.get("diagnostic-code")
        code = status[1] if status else ""
        if not code:
            smtp = _CODE.search(diagnostic)
            code = f"{smtp[1]}.0.0" if smtp else ""
        if action not in _NEEDLESS:
            action = "delayed" if code.startswith("4") else "failed"
        yield ReportedRecipient(
            safe(address, one_line=True),
            action,
            permanent=action == "failed" and not _is_passing(code, diagnostic),
            status=safe(code, one_line=True),
            diagnostic=safe(diagnostic, one_line=True, cap=500),
        )


def _is_passing(code: str, diagnostic: str) -> bool:
    """It failed, but not because of the address: a full mailbox, a busy server, a message that is not wanted."""
    diagnostic = diagnostic[:_SAID_CAP]
    if code.startswith("4"):
        return True
    if code.startswith(("5.2.2", "5.2.3", "5.3.1", "5.3.4", "5.4.5", "5.6.", "5.7.2")):
        return True
    if _ABOUT_ADDRESS.search(diagnostic):
        return False
    if _ABOUT_MESSAGE.search(diagnostic):
        return True
    return code in {"", "5.0.0", "5.2.0", "5.3.0"} and bool(_PASSING.search(diagnostic))


def _groups(data: bytes) -> Iterator[Headers]:
    """The field groups of a status part, parted by empty lines."""
    for count, block in enumerate(re.split(rb"(?:\r?\n[ \t]*){2,}", data.strip(b"\r\n"))):
        if count > RECIPIENTS_CAP:
            return
        yield split_headers(block + b"\r\n")[0]


def _typed_address(value: str) -> str:
    kind, semicolon, rest = value.partition(";")
    text = (rest if semicolon else kind).strip().strip("<>").strip()
    text = text.replace("+2B", "+").replace("+3D", "=")  # left as they travelled (RFC 3461)
    address = normalise_address(text)
    if not address:
        found = _ADDRESS.search(text[:1000])
        address = normalise_address(found[0]) if found else ""
    return address


# The message it is about


def _given_back(raw: bytes, parts: Sequence[Part], headers: Headers) -> DeliveryReport:
    """The message that it gives back, else the id that it says it is about."""
    for part in parts:
        if part.kind in _RETURNED:
            ids, head = _returned_head(raw, part)
            if ids:
                return DeliveryReport(_shown_id(ids[0]), returned=_from_nobody(headers), heading=read_heading(head))
    for part in parts:
        if part.kind.startswith("text/") and not part.children:
            data = part.content(raw, _SCAN_CAP)
            for match in _RETURNED_ID.finditer(data):
                if ids := read_ids(decode(match[1])):
                    head = _head_around(data, match)
                    return DeliveryReport(_shown_id(ids[0]), returned=_from_nobody(headers), heading=read_heading(head))
    return DeliveryReport(_said(headers))


def _said(headers: Headers) -> SafeText:
    """The id that it says it is about in its own head: a claim, no more."""
    own = set(read_ids(headers.get("message-id")))
    for name in ("x-ms-exchange-parent-message-id", "x-original-message-id", "in-reply-to", "references"):
        ids = [i for i in read_ids(headers.get(name)) if i not in own]
        if ids:
            return _shown_id(ids[-1])
    return NOTHING


def _shown_id(text: str) -> SafeText:
    return safe(text, one_line=True)


def _envelope_id(raw: bytes, told: Sequence[Part]) -> SafeText:
    """What the sender called the envelope; some characters travel as `+` and two hexadecimal digits (RFC 3461)."""
    for part in told:
        for fields in _groups(part.content(raw, _SCAN_CAP)):
            value = fields.get("original-envelope-id").strip()
            if value:
                return safe(re.sub(r"\+([0-9A-F]{2})", lambda m: chr(int(m[1], 16)), value[:400]), one_line=True)
            break
    return NOTHING


def _returned_head(raw: bytes, part: Part) -> tuple[list[str], Headers]:
    """The ids of the message that a part gives back, and the fields beside them."""
    for child in part.children:
        found = read_ids(child.headers.get("message-id"))
        if found:
            return found, child.headers
    data = part.content(raw, _SCAN_CAP)
    head = split_headers(data.lstrip())[0]
    found = read_ids(head.get("message-id"))
    if found:
        return found, head
    match = _RETURNED_ID.search(data)
    return (read_ids(decode(match[1])), _head_around(data, match)) if match else ([], Headers(()))


def _head_around(data: bytes, match: re.Match[bytes]) -> Headers:
    """The fields among which a Message-ID was found in a text."""
    begins = match.end() - len(match[0].lstrip(b">| \t\r\n"))
    for _ in range(_HEAD_LINES):
        above = data.rfind(b"\n", 0, max(begins - 1, 0)) + 1
        if above == begins or not _FIELD_LINE.match(data, above, begins):
            break
        begins = above
    return split_headers(data, begins)[0]


def _noted_id(raw: bytes, part: Part | None) -> SafeText:
    if part is None:
        return NOTHING
    fields = split_headers(part.content(raw, _SCAN_CAP).lstrip())[0]
    return _shown_id(next(iter(read_ids(fields.get("original-message-id"))), ""))


# Reports in free words


def _guessed(raw: bytes, tree: Tree, headers: Headers, whole: str) -> list[ReportedRecipient]:
    """Recipients of a report that has no fields: by its headers, by detectors of many servers, by its words."""
    text = _words(whole)
    found: dict[str, bool] = {}
    for value in headers.every("x-failed-recipients"):
        for box in read_mailboxes(value):
            if box.person.address:
                found.setdefault(box.person.address, True)
    if not found:
        passing, lasting = _detected(raw, tree)
        found = dict.fromkeys(passing, False) | dict.fromkeys(lasting, True)
    if not found:
        found = dict.fromkeys(_addresses_in(text, headers), True)
    status = next((found for found in _STATUS.finditer(text) if found[1][0] != "2"), None)
    code = status[1] if status else ""
    smtp = _CODE.search(text) if not code else None
    if smtp:
        code = f"{smtp[1]}.0.0"
    soft = (
        code.startswith("4")
        or _is_passing(code, text[:5000])
        or (not code.startswith("5") and bool(_PASSING.search(text[:5000])))
    )
    delayed = bool(
        re.search(
            r"will (?:be )?(?:retr|keep trying|continue|try)|delayed|not yet been|still (?:trying|being)",
            text[:5000],
            re.I,
        )
    )
    return [
        ReportedRecipient(
            safe(address, one_line=True),
            "delayed" if delayed and not (lasts and code.startswith("5")) else "failed",
            permanent=lasts and not soft,
            status=safe(code, one_line=True),
            diagnostic=safe(_line_with(text, address), one_line=True, cap=500),
        )
        for address, lasts in found.items()
    ]


def _words(text: str) -> str:
    """What the report says itself, without the message it gives back."""
    text = text[:_SCAN_CAP]
    cut = re.search(
        r"^[ \t\r>|*]{0,40}-{2,80}.{0,40}(?:original|copy|returned|unsent|below|header|message (?:follows|text)).{0,60}$|^received: |^return-path: |"
        r"original message follows|copy of (?:your|the) message",
        text,
        re.IGNORECASE | re.MULTILINE,
    )
    return text[: cut.start()] if cut and cut.start() > 40 else text


def _detected(raw: bytes, tree: Tree) -> tuple[list[str], list[str]]:
    """What the detectors of flufl.bounce find; they know many servers' words."""
    if len(raw) > 2_000_000 or tree.truncated:
        return [], []
    try:
        from email.parser import BytesParser

        from flufl.bounce import all_failures

        logging.getLogger("flufl.bounce").disabled = True  # it logs each detector's stumble with its traceback
        passing, lasting = all_failures(BytesParser().parsebytes(_beginning(raw)))
    except Exception:  # whatever a detector stumbles over: the words are read next
        return [], []
    return _clean(passing), _clean(lasting)


def _beginning(raw: bytes) -> bytes:
    """What the detectors are given: each asks every line for every pattern it knows, and reports say it early."""
    lines = raw[:_DETECTED_CAP].split(b"\n", _DETECTED_LINES)[:_DETECTED_LINES]
    return b"\n".join(line[:_DETECTED_LINE] for line in lines)


def _clean(addresses: object) -> list[str]:
    assert isinstance(addresses, frozenset | set | tuple | list)
    texts = [a.decode("utf-8", "replace") if isinstance(a, bytes) else str(a) for a in addresses]
    return sorted(address for address in map(normalise_address, texts) if address)


def _addresses_in(text: str, headers: Headers) -> list[str]:
    """Addresses in the words of a report, without those of the report's own sender and reader."""
    ours = {
        folded(box.person.address)
        for name in ("from", "to", "reply-to")
        for value in headers.every(name)
        for box in read_mailboxes(value)
    }
    found: list[str] = []
    for line in text[:20_000].split("\n")[:400]:
        match = _ADDRESS.search(line[:1000])
        if not match or not _speaks_of_failure(line[:1000], match[0]):
            continue
        address = normalise_address(match[0].strip(".'"))
        if (
            address
            and folded(address) not in ours
            and folded(address) not in map(folded, found)
            and not _DAEMON.match(address)
        ):
            found.append(address)
            if len(found) >= 3:
                break
    return found


def _speaks_of_failure(line: str, address: str) -> bool:
    """The line says of the address that it failed, or holds nothing else; an address to ask for help is not meant."""
    if _ASIDE.search(line):
        return False
    rest = line.replace(address, "").strip(" \t<>*-:;,.[]()\"'|")
    return (
        not rest or bool(_FAILED.search(line) or _STATUS.search(line) or _CODE.search(line)) or f"<{address}>:" in line
    )


def _line_with(text: str, address: str) -> str:
    """The lines of the report that name the address and say why: no more than their paragraph.

    Where the address stands alone, the reason is the line behind the gap.
    """
    lines = [line.strip() for line in text[:20_000].split("\n")]
    address = address.lower()
    for number, line in enumerate(lines):
        if address not in line.lower():
            continue
        said = list(takewhile(bool, lines[number : number + 3]))
        if said == [line] and not line.lower().replace(address, "").strip(" \t<>*-:;,.[]()\"'|"):
            said += [one for one in lines[number + 1 : number + 4] if one][:1]
        return " ".join(said)
    return next((line for line in lines if _STATUS.search(line) or _CODE.search(line)), "")
