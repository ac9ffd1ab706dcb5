"""Codes of the desk in words, as the command line says them: without keys, which are text there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agent_tui.words import N_, _

if TYPE_CHECKING:
    from agent_tui.desk.presend import Finding
    from agent_tui.domain.account import Fault
    from agent_tui.locations import FolderRefused

FINDINGS = {
    "no_recipient": N_("It goes to nobody yet"),
    "empty": N_("Nothing is written"),
    "newer_message": N_("{name} wrote again, and you have not seen it"),
    "other_answered": N_("{name} answered meanwhile"),
    "answered_elsewhere": N_("It was answered in another program, so says the mail server"),
    "twin_answered": N_("What seems to be the same letter was answered in #{number}"),
    "twin_begun": N_("What seems to be the same letter is being answered in #{number}"),
    "new_note": N_("{name} left a note meanwhile"),
    "first_time": N_("{address} gets this for the first time"),
    "not_in_last": N_("{address} was not in the last message"),
    "not_in_first": N_("{address} is known here, and the first one was not for it"),
    "written_again": N_("It was written again already"),
    "many_new": N_("{count} of the {all} who get it are new here: {people}"),
    "namesake": N_("{address} bears the name of {other}: {name}"),
    "same_name": N_("{address} and {other} bear one name: {name}"),
    "recipients_cut": N_("The message names more recipients than are kept here: the others do not get it"),
    "somebody_else": N_("{address} is not whom this conversation is with: {customer}"),
    "only_in_doubt": N_("Nothing but a message that may be forged names {name}"),
    "customer_misses": N_("{customer} will not get this: it goes to {name} alone"),
    "customer_left_out": N_("{address}, who asked, does not get it"),
    "bounced_address": N_("Mail to {address} came back: the address does not exist"),
    "doubted_address": N_("A report says that {address} does not exist"),
    "reply_to_differs": N_("The answer goes to {address}, not to where it came from"),
    "placeholder": N_("{text} is not filled in"),
    "no_attachment": N_("You write “{text}”, nothing is attached"),
    "card_number": N_("A card number stands in it ({text})"),
    "secret": N_("It looks as if a password or key stands in it"),
    "conversation_closed": N_("The conversation is closed"),
    "conversation_spam": N_("The conversation is marked as spam"),
    "no_subject": N_("It has no subject"),
}
WAYS = {
    "keyring": N_("the system's keyring"),
    "vault": N_("an encrypted file"),
    "command": N_("a program"),
    "environment": N_("the environment"),
}
"""How a secret is kept, by the value of `Way`."""

NEVER_FORCED = frozenset({"no_recipient", "empty"})
"""Findings that no `--force` overrides: such a message cannot go at all."""

ADDS = frozenset({"no_account", "cannot_start"})
"""Codes that say there is no account, so that there is none to remove."""


def finding_in_words(finding: Finding) -> str:
    """One reason to look again."""
    template = FINDINGS.get(finding.code)
    if template is None:
        return finding.code.replace("_", " ")
    known = {name: " ".join(text.split()) for name, text in finding.parameters}
    return _(template).format_map({**known, "people": ", ".join(finding.people)})


def no_account_yet() -> str:
    """What to do where there is no account at all."""
    return _("There is no account yet: agent-tui account add BACKEND, or agent-tui demo to look around.")


def fault_in_words(fault: Fault | None) -> str:
    """An error of an account or a message as a sentence of the command line."""
    from agent_tui import sentences

    return sentences.fault(fault, way=_way(fault.code, fault.parameters, kept=True)) if fault else ""


def error_in_words(code: str, parameters: Mapping[str, object], *, kept: bool = True) -> str:
    """The same for an exception that carries a code. `kept` is whether there is an account that could be removed."""
    from agent_tui import sentences

    return sentences.error(code, parameters, way=_way(code, parameters, kept=kept))


def code_of(error: BaseException) -> tuple[str, Mapping[str, object]] | None:
    """What an exception carries for `error_in_words`; None where it carries no code."""
    code, parameters = getattr(error, "code", None), getattr(error, "parameters", None)
    return (code, parameters) if isinstance(code, str) and isinstance(parameters, Mapping) else None


def _way(code: str, parameters: Mapping[str, object], *, kept: bool) -> str:
    """Where the desk names a key that leads to the account, the flag or the command stands."""
    reason = str(parameters.get("reason", ""))
    if "vault_locked" in (code, reason):
        return ""  # the sentence names the way itself
    if (code == "certificate_refused" and reason != "wrong_host") or (code, reason) == ("misconfigured", "ca_file"):
        return " (--ca-file FILE)"
    if not kept or code in ADDS:
        return " (agent-tui account add)"
    return " (agent-tui account remove, account add)"


def folder_in_words(error: FolderRefused) -> str:
    """Whose folder it is, and the ways out: the name under the temporary folder is one that anybody can take first."""
    if error.owner is None:
        said = _("{path} is a link or no folder, so nothing private is put there.")
    else:
        said = _("{path} belongs to another user (number {owner}), so nothing private is put there.")
    way = _("Have it removed, or choose another place with XDG_RUNTIME_DIR, TMPDIR or AGENT_TUI_HOME.")
    return f"{said.format(path=error.filename, owner=error.owner)} {way}"
