"""Codes of the desk in words, where they are said by the command line alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_tui.words import N_, _

if TYPE_CHECKING:
    from agent_tui.desk.presend import Finding

_FINDINGS = {
    "no_recipient": N_("It goes to nobody yet"),
    "empty": N_("Nothing is written"),
    "newer_message": N_("{name} wrote again, and you have not seen it"),
    "other_answered": N_("{name} answered meanwhile"),
    "new_note": N_("{name} left a note meanwhile"),
    "first_time": N_("{address} gets this for the first time"),
    "not_in_last": N_("{address} was not in the last message"),
    "many_new": N_("{count} of the {all} who get it are new here: {people}"),
    "customer_left_out": N_("{address}, who asked, does not get it"),
    "bounced_address": N_("Mail to {address} came back: the address does not exist"),
    "reply_to_differs": N_("The answer goes to {address}, not to where it came from"),
    "placeholder": N_("{text} is not filled in"),
    "no_attachment": N_("You write “{text}”, nothing is attached"),
    "card_number": N_("A card number stands in it ({text})"),
    "secret": N_("It looks as if a password or key stands in it"),
    "conversation_closed": N_("The conversation is closed"),
    "conversation_spam": N_("The conversation is marked as spam"),
    "no_subject": N_("It has no subject"),
}


def finding_in_words(finding: Finding) -> str:
    """One reason to look again."""
    template = _FINDINGS.get(finding.code)
    if template is None:
        return finding.code.replace("_", " ")
    known = {name: " ".join(text.split()) for name, text in finding.parameters}
    return _(template).format_map({**known, "people": ", ".join(finding.people)})


def without_keys(sentence: str) -> str:
    """A sentence of the desk for the command line: where it names a key, the flag or the command stands instead."""
    if "(g c)" not in sentence:
        return sentence
    flag = "--ca-file FILE" if "CA" in sentence else "agent-tui account remove, account add"
    return sentence.replace("(g c)", f"({flag})")
