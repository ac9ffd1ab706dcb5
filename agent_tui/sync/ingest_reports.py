"""A delivery report into the store: whether it is believed, what it is about, what it says of our message."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from agent_tui.content.mail_for_all import is_mail_for_all
from agent_tui.content.parsed import ParsedMail
from agent_tui.content.safe import safe
from agent_tui.domain import returned
from agent_tui.domain.contact import Deliverable
from agent_tui.domain.message import Automatic, Delivery
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.store.ports import Candidate, IngestTransaction
from agent_tui.sync.identity import EMAIL, Key, Ours, as_written, email_key
from agent_tui.sync.placing import Reported

TOLD_OF = 500
"""Recipients of one report that are looked at."""
_OF_ONE = 400
"""Characters of what was said of one recipient."""
_SERVERS = frozenset({"mailer-daemon", "postmaster"})
"""Who writes in a provider's own name: nobody else gets these addresses there (RFC 2142)."""
_EXCHANGE = re.compile(r"microsoftexchange[0-9a-f]{32}")
"""Under this name Exchange reports to its own."""


def reported(parsed: ParsedMail, ours: Ours) -> Reported | None:
    """What it gives back as proof of what it is about: only then nobody asks who its author is.

    A report gives back what it is about; from a server of our own domain, as our own server confirms, its word is
    enough. Of what our own server does not believe only the name of our envelope counts, which it cannot have
    guessed. Everything else that looks like a report is a mail like any other: the ids it names are its author's claim.
    """
    report = parsed.report
    if report is None or parsed.automatic is not Automatic.REPORT:
        return None
    about: Sequence[str] = ()
    vouched = _is_vouched_for(parsed, ours)
    if "auth_failed" in parsed.warnings:
        pass
    elif report.returned:
        about = [report.about]
    elif vouched:
        about = [*filter(None, [report.about]), *parsed.in_reply_to, *reversed(parsed.references)]
    return Reported(about, report.envelope, report.heading, vouched)


def note_report(tx: IngestTransaction, ours: Ours, message: Candidate, parsed: ParsedMail, *, live: bool) -> None:
    """What a report says of our message and of the addresses that went to; of no others, for anyone may write one."""
    if parsed.report is None:
        return
    about = tx.stored_mail(message.message_id)
    written_to = {key: as_written(address) for address in about.written_to if (key := email_key(address)) is not None}
    forwarded = _forwarded_from(parsed, message, written_to)
    proven = _is_proven(parsed, ours, written_to)
    found: dict[Delivery, list[returned.Told]] = {}
    for recipient in parsed.report.recipients[:TOLD_OF]:
        key = email_key(recipient.address)
        if key is None or key not in written_to:
            key = forwarded
        if key is None:
            continue
        on = recipient.address if key is forwarded else NOTHING
        said = safe(f"{recipient.status} {recipient.diagnostic}", one_line=True, cap=_OF_ONE)
        told = returned.Told(written_to[key], on, said, unproven=not proven)
        match recipient.action:
            case "failed":
                found.setdefault(Delivery.BOUNCED, []).append(told)
                for_good = Deliverable.HARD if proven and recipient.permanent else Deliverable.SOFT
                _mark_address(tx, written_to[key], for_good, said)
            case "delayed":
                found.setdefault(Delivery.DELAYED, []).append(told)
                _mark_address(tx, written_to[key], Deliverable.SOFT, said)
            case "delivered":
                found.setdefault(Delivery.DELIVERED, []).append(told)
                if proven and live:  # one of old lifts no mark that came since
                    tx.set_deliverable(EMAIL, written_to[key], Deliverable.OK, NOTHING)
    if new := returned.after(about.delivery, returned.told(about.delivery_detail), found):
        delivery, several = new
        tx.set_delivery(message.message_id, delivery, returned.detail(several), reopens=live)


def note_answer(tx: IngestTransaction, account: str, parsed: ParsedMail) -> None:
    """Who answers our very message has got it, whatever a report of doubt said of him. What was said of others stays."""
    author = email_key(parsed.author.address)
    for about in tx.candidates(account, parsed.in_reply_to[:1]):
        stored = tx.stored_mail(about.message_id)
        if not about.ours or stored.delivery not in (Delivery.BOUNCED, Delivery.DELAYED):
            continue
        told = returned.told(stored.delivery_detail)
        left = [one for one in told if not (one.unproven and email_key(one.address) == author)]
        if len(left) == len(told):
            continue
        arrived = returned.Told(as_written(parsed.author.address), "", "", unproven=False)
        delivery = stored.delivery if left else Delivery.DELIVERED
        tx.set_delivery(about.message_id, delivery, returned.detail(left or [arrived]))


def _is_proven(parsed: ParsedMail, ours: Ours, written_to: Collection[Key]) -> bool:
    """Whether what it says may mark an address for good.

    What is believed to be about our message gave back the name of its envelope or its head: where it went to one alone,
    nobody else has those. Of several one could forge a report about another: with the name of the envelope, too, for
    our server hands that on to the server of each. So it takes the word of our own server.
    """
    return len(written_to) == 1 or _is_vouched_for(parsed, ours)


def _is_vouched_for(parsed: ParsedMail, ours: Ours) -> bool:
    """Our own server says that one of our own domain wrote it, and it bears the name of a server there.

    A colleague has none of them, nor has another customer of our provider, also of one that no list knows.
    """
    address = parsed.author.address
    if not parsed.verified or not ours.has_domain(address):
        return False
    local, _, domain = address.lower().rpartition("@")
    return local in _SERVERS or (not is_mail_for_all(domain) and bool(_EXCHANGE.fullmatch(local)))


def _forwarded_from(parsed: ParsedMail, about: Candidate, written_to: Collection[Key]) -> Key | None:
    """The address we wrote to, where the report names only the one that it handed our message on to.

    Only of a message that went to nobody else: who gives it back got it, and could win nothing but that his own
    address is marked. What was read out of words is not enough.
    """
    report = parsed.report
    if report is None or not report.stated or not about.ours:
        return None
    if len(written_to) != 1 or len(report.recipients) != 1:
        return None
    (key,) = written_to
    return None if email_key(report.recipients[0].address) == key else key


def _mark_address(tx: IngestTransaction, address: SafeText, state: Deliverable, detail: SafeText) -> None:
    tx.add_contact(NOTHING, EMAIL, address, "bounced")
    tx.set_deliverable(EMAIL, address, state, detail)
