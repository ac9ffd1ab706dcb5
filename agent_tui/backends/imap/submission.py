"""Sending a mail once: what may be tried again, what may not, and what the wire carries."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from agent_tui.backends.api import BackendError, Leaving, Outgoing, Rejected, Sent, Unknown
from agent_tui.backends.imap.options import ImapOptions
from agent_tui.backends.imap.smtp import Dialog, Reply

_BREAKS = re.compile(rb"\r\n|\r|\n")
_DOTS = re.compile(rb"(?m)^\.")
_NUMBER = re.compile(r"[0-9]{1,18}")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f<>]")
FINAL_WAIT = 300.0
"""Seconds for the answer to the mail itself; RFC 5321 asks for ten minutes, the outbox looks for proof sooner."""
SLOWEST = 10_000
"""Bytes a second of the slowest line that is waited for."""


def wire_form(raw: bytes) -> bytes:
    """What goes over the line: CRLF alone ends lines, dots are doubled, and the end cannot be forged from within."""
    lines = _BREAKS.sub(b"\r\n", raw)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return _DOTS.sub(b"..", lines) + b".\r\n"


def usable(address: str) -> bool:
    """An address that can stand in an envelope: nothing that ends a line, a bracket or an argument."""
    local, at, domain = address.rpartition("@")
    return bool(local and at and domain) and len(address) <= 320 and not _FORBIDDEN.search(address)


async def submit(
    options: ImapOptions, secret: Callable[[], Awaitable[str]], item: Outgoing, leaving: Leaving
) -> Sent | Rejected | Unknown:
    """One attempt. Errors that are raised left nothing with the server; nor did a rejection ahead of `leaving`."""
    recipients = list(dict.fromkeys(item.envelope_to))
    bad = [address for address in [item.envelope_from, *recipients] if not usable(address)]
    if bad or not recipients or not item.raw:
        return Rejected("bad_address" if bad else "no_recipient", {"address": bad[0] if bad else ""})
    word = await secret()
    async with Dialog(options) as dialog:
        await dialog.sign_in(word)
        del word
        named = "DSN" in dialog.extensions and bool(item.envelope_id)
        refusal = await _envelope(dialog, item, recipients)
        if isinstance(refusal, Rejected):
            return refusal
        reply = await dialog.command("DATA")
        if reply.code != 354:
            return _rejected("data_refused", dialog, reply)
        wire = wire_form(item.raw)
        await dialog.nothing_early()
        await leaving(named=named)
        try:
            reply = await dialog.body(wire, FINAL_WAIT + len(wire) / SLOWEST)
        except BackendError as error:
            return Unknown("no_answer", dict(error.parameters))
        if reply.good:
            return refusal
        if 400 <= reply.code < 600:
            return _rejected("message_refused", dialog, reply)
        return Unknown("odd_answer", {**dialog.place, **dialog.said(reply)})


async def _envelope(dialog: Dialog, item: Outgoing, recipients: list[str]) -> Rejected | Sent:
    """MAIL and RCPT. Gives the recipients who were refused, for good or for now, if others were accepted."""
    words = []
    if any(not address.isascii() for address in [item.envelope_from, *recipients]):
        if "SMTPUTF8" not in dialog.extensions:
            return Rejected("utf8_address_unsupported", dialog.place)
        words.append("SMTPUTF8")
    if not item.raw.isascii() and "8BITMIME" in dialog.extensions:
        words.append("BODY=8BITMIME")
    if "SIZE" in dialog.extensions:
        words.append(f"SIZE={len(item.raw)}")
        limit = dialog.extensions["SIZE"]
        if _NUMBER.fullmatch(limit) and 0 < int(limit) < len(item.raw):
            return Rejected("too_large", {**dialog.place, "size": str(len(item.raw)), "limit": limit})
    reports = "DSN" in dialog.extensions
    if reports:
        words.append("RET=HDRS")
        if item.envelope_id:
            words.append(f"ENVID={_xtext(item.envelope_id)}")
    reply = await dialog.command("MAIL", f"FROM:<{item.envelope_from}>", *words)
    if not reply.good:
        return _rejected("sender_refused", dialog, reply, address=item.envelope_from)
    refused: dict[str, str] = {}
    replies: list[Reply] = []
    for address in recipients:
        # whoever hands it on to another address names this one in his report
        original = [f"ORCPT=rfc822;{_xtext(address)}"] if reports and address.isascii() else []
        reply = await dialog.command("RCPT", f"TO:<{address}>", *original)
        if not reply.good:
            refused[address] = dialog.said(reply).get("server_said", str(reply.code))
            replies.append(reply)
    if len(refused) == len(recipients):
        first = _rejected("recipients_refused", dialog, replies[0], address=recipients[0])
        return Rejected(first.code, first.parameters, passing=all(reply.passing for reply in replies))
    later = {address: said for (address, said), reply in zip(refused.items(), replies, strict=True) if reply.passing}
    return Sent(refused={address: said for address, said in refused.items() if address not in later}, later=later)


def _xtext(text: str) -> str:
    """As RFC 3461 writes values within a command."""
    return "".join(c if "!" <= c <= "~" and c not in "+=" else f"+{ord(c):02X}" for c in text)


def _rejected(code: str, dialog: Dialog, reply: Reply, **parameters: str) -> Rejected:
    return Rejected(code, {**dialog.place, **dialog.said(reply), **parameters}, passing=reply.passing)
