"""What servers report of a message that left, as sentences: who did not get it, why, and what to do.

The store keeps what they said, `address: codes and words` for each recipient. Servers say their codes twice and name
the address again in their words; here each is said once. Their words stand in quotes: whoever answers for an address
may write a report, and what he writes is no word of the desk.
"""

from __future__ import annotations

import re

from agent_tui import ages
from agent_tui.domain.message import Delivery, Message
from agent_tui.domain.returned import CODE, FULL, NO_HOST, NO_SUCH, Told, told
from agent_tui.domain.times import Micros
from agent_tui.named_keys import named
from agent_tui.words import _, ngettext

_REPLY = re.compile(r"(?<![\w.])[245]\d\d(?![\w.])[ -]*")
_NAMED = re.compile(r"<[^<>\s]*>:?")
_QUOTES = str.maketrans(dict.fromkeys('“”„‟«»″❝❞〝〞＂"', "'"))
LONGEST_REASON = 200
LONGEST_DETAIL = 1000
REPORTED = (Delivery.BOUNCED, Delivery.DELAYED, Delivery.DELIVERED)
"""Where the detail is what servers said."""
SHOWN = 5
"""Recipients of whom a screen tells; `agent-tui show` names all."""


def delivery(how: Delivery, detail: str, way_on: str = "") -> str:
    """What became of it, or the server's words where there is nothing better to say.

    `way_on` is what there is to do, or was done, where it came back.
    """
    said = each(how, detail)
    if not said:
        return _quoted_whole(how, detail)
    if more := len(said) - SHOWN if len(said) > SHOWN + 1 else 0:
        rest = ngettext(
            "And {n} more, whom `agent-tui show` names.", "And {n} more, whom `agent-tui show` names.", more
        )
        said = [*said[:SHOWN], rest.format(n=more)]
    if how is Delivery.BOUNCED:
        said.append(way_on or again())
    return " ".join(said)


def beside(how: Delivery, detail: str, kept_by: str, way_on: str = "") -> str:
    """The same for its conversation, where `kept_by` tells what kept it from leaving, if anything did."""
    if not kept_by:
        return delivery(how, detail, way_on)
    return f"{kept_by} {way_on or again()}" if how is Delivery.REJECTED else kept_by


def again(key: str = "") -> str:
    """The key that writes it again."""
    return _("{key} writes it again, to another address.").format(key=key or named("write.again"))


def way_on(message: Message, present: Micros, key: str = "") -> str:
    """When one that came back was written again, or the key that does it: `key`, where it is not the conversation's."""
    if message.again_at is None:
        return again(key)
    return _("It was written again at {time}.").format(time=ages.moment(message.again_at, present))


def each(how: Delivery, detail: str) -> list[str]:
    """A sentence of each recipient; none where there is nothing better to say than the detail itself."""
    if how not in REPORTED or not detail:
        return []
    said = []
    for one in told(detail):
        sentence = _one(how, one)
        said.append(_("A report says: {sentence}").format(sentence=sentence) if one.unproven else sentence)
    return said


def _one(how: Delivery, one: Told) -> str:
    address, code = one.address, one.code
    reason = _reason(one.said, address, one.handed_on)
    if one.handed_on:
        address = _("{address}, handed on to {other},").format(address=address, other=one.handed_on)
    if how is Delivery.DELIVERED:
        return _("{address} has got it.").format(address=address)
    if how is Delivery.DELAYED:
        if not reason:
            return _("{address} has not got it yet; it is tried again.").format(address=address)
        return _("{address} has not got it yet: “{reason}”. It is tried again.").format(address=address, reason=reason)
    if code in NO_SUCH:
        return _("{address} does not exist; the message came back.").format(address=address)
    if code in NO_HOST:
        return _("{address} is at a host that does not exist; the message came back.").format(address=address)
    if code in FULL:
        return _("{address} has a full mailbox; the message came back.").format(address=address)
    if not reason:
        return _("{address} did not get it; the message came back.").format(address=address)
    return _("{address} did not get it, it came back: “{reason}”.").format(address=address, reason=reason)


def _reason(words: str, *addresses: str) -> str:
    """The server's own words, without codes and without the address that is named already: nowhere but in quotes."""
    plain = _NAMED.sub(" ", _REPLY.sub(" ", CODE.sub(" ", words)))
    for address in addresses:
        if address:
            plain = plain.replace(address, " ")
    return _within_quotes(plain, LONGEST_REASON).strip(" .,:;-")


def _quoted_whole(how: Delivery, detail: str) -> str:
    if how not in REPORTED or not detail:
        return detail if len(detail) <= LONGEST_DETAIL else detail[:LONGEST_DETAIL] + "…"
    return _("A report says: “{words}”.").format(words=_within_quotes(detail, LONGEST_DETAIL))


def _within_quotes(words: str, most: int) -> str:
    """Words that end no quotation in which they stand."""
    plain = " ".join(words.translate(_QUOTES).split())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"
