"""Short words for the codes of a conversation: status, channel, priority, delivery, views."""

from __future__ import annotations

from agent_tui.domain.account import Capability, Health
from agent_tui.domain.conversation import Channel, Priority, Status, View
from agent_tui.domain.message import UNPROVEN, Automatic, Delivery
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.domain.returned import told
from agent_tui.domain.times import Micros
from agent_tui.words import N_, _, pgettext


def channel(kind: Channel) -> str:
    """The road a message came by, in at most five cells."""
    return {
        Channel.EMAIL: _("mail"),
        Channel.CHAT: _("chat"),
        Channel.SMS: _("sms"),
        Channel.CALL: _("call"),
        Channel.WEB: _("web"),
    }[kind]


PROOFS = {
    "real server": N_("real server"),
    "specification": N_("specification"),
    "simulated": N_("simulated"),
    "untested": N_("untested"),
}
"""What a backend was tried against."""

CAPABILITIES = {
    Capability.PULL: N_("fetches"),
    Capability.WATCH: N_("hears of news at once"),
    Capability.HISTORY: N_("fetches what is old"),
    Capability.FETCH_BODY: N_("fetches what was left out"),
    Capability.SEND: N_("sends"),
    Capability.NEW_CONVERSATION: N_("begins conversations"),
    Capability.CC: N_("sends copies"),
    Capability.ATTACH: N_("sends files"),
    Capability.FLAGS: N_("read and answered marks"),
    Capability.MOVE: N_("moves"),
    Capability.NOTE: N_("notes"),
    Capability.STATUS: N_("status"),
    Capability.ASSIGN: N_("assigning"),
    Capability.TAG: N_("tags"),
    Capability.DIRECTORY: N_("customer directory"),
}
"""What a backend can do."""


def proof(found: str) -> str:
    """What a backend was tried against; what it says itself where that is none we know."""
    return _(PROOFS[found]) if found in PROOFS else found


def title(subject: str, origin: Channel, customer: str) -> str:
    """What a conversation is called; a chat without a subject after its customer."""
    from agent_tui.widgets.cells import in_cell

    if named := in_cell(subject).strip():
        return named
    if origin is Channel.EMAIL:
        return _("no subject")
    return _("Chat with {customer}").format(customer=in_cell(customer).strip() or _("unknown"))


def status(value: Status) -> str:
    """A status as it stands in the line under the title."""
    return {
        Status.NEW: pgettext("status", "new"),
        Status.OPEN: pgettext("status", "open"),
        Status.WAITING: pgettext("status", "waiting"),
        Status.SNOOZED: pgettext("status", "snoozed"),
        Status.SOLVED: pgettext("status", "solved"),
        Status.CLOSED: pgettext("status", "closed"),
        Status.SPAM: pgettext("status", "spam"),
    }[value]


STATUS_ROLES = {
    Status.NEW: "accent",
    Status.OPEN: "good",
    Status.WAITING: "quiet",
    Status.SNOOZED: "quiet",
    Status.SOLVED: "quiet",
    Status.CLOSED: "quiet",
    Status.SPAM: "due",
}


def priority(value: Priority) -> str:
    """How pressing."""
    return {
        Priority.LOW: _("low"),
        Priority.NORMAL: pgettext("priority", "normal"),
        Priority.HIGH: _("high"),
        Priority.URGENT: _("urgent"),
    }[value]


PRIORITY_ROLES = {Priority.LOW: "faint", Priority.NORMAL: "quiet", Priority.HIGH: "due", Priority.URGENT: "late"}


def view(value: View) -> str:
    """A view's name."""
    return {
        View.INBOX: _("Inbox"),
        View.MINE: _("Mine"),
        View.UNASSIGNED: _("Unassigned"),
        View.WAITING: _("Waiting"),
        View.SNOOZED: _("Snoozed"),
        View.SOLVED: _("Solved"),
        View.SPAM: _("Spam"),
        View.ALL: _("All"),
    }[value]


def delivery(value: Delivery, detail: str = "") -> tuple[str, str]:
    """How far a message of ours got, and the role it is drawn in."""
    if detail.startswith(UNPROVEN) and all(one.unproven for one in told(detail)):
        if value is Delivery.BOUNCED:
            return _("may have come back"), "late"
        if value is Delivery.DELAYED:
            return _("may be delayed"), "due"
        if value is Delivery.DELIVERED:
            return _("said to be delivered"), "faint"
    return {
        Delivery.NONE: ("", "faint"),
        Delivery.QUEUED: (_("waits to leave"), "faint"),
        Delivery.SENDING: (_("sending"), "faint"),
        Delivery.SENT: (_("sent"), "faint"),
        Delivery.REJECTED: (_("not sent"), "late"),
        Delivery.UNKNOWN: (_("unknown whether sent"), "late"),
        Delivery.BOUNCED: (_("came back"), "late"),
        Delivery.DELAYED: (_("delayed"), "due"),
        Delivery.DELIVERED: (_("delivered"), "faint"),
    }[value]


def health(value: Health) -> tuple[str, str]:
    """How the connection of an account is, and the role of the word."""
    return {
        Health.OFF: (_("off"), "faint"),
        Health.CONNECTING: (_("connecting"), "quiet"),
        Health.CONNECTED: (_("connected"), "good"),
        Health.WAITING: (_("no connection"), "due"),
        Health.REFUSED: (_("refused"), "late"),
        Health.LOCKED: (_("locked"), "due"),
    }[value]


def leaving(item: OutboxItem, present: Micros) -> tuple[str, str]:
    """How far a message of the outbox got, and the role it is drawn in."""
    if item.is_overdue(present):
        return _("waits"), "due"
    if item.state is OutboxState.HELD:
        return (_("later") if item.scheduled else _("held")), "quiet"
    return {
        OutboxState.QUEUED: (_("waits"), "due" if item.is_stuck else "quiet"),
        OutboxState.SENDING: (_("sending"), "accent"),
        OutboxState.SENT: (_("sent"), "faint"),
        OutboxState.REJECTED: (_("not sent"), "late"),
        OutboxState.UNKNOWN: (_("unknown"), "late"),
        OutboxState.STOPPED: (_("taken back"), "faint"),
    }[item.state]


def only_reading(code: str) -> str:
    """The disk takes no more: what still goes, what does not, until when. Empty where it does."""
    if not code:
        return ""
    why = {
        "disk_full": _("The disk is full"),
        "no_more_files": _("The disk has no room for further files (`df -i`)"),
        "quota_used_up": _("Your share of the disk is used up (`quota`)"),
    }.get(code) or _("The disk refuses to write (`ulimit -f`)")
    return _("{why}. Everything can be read; nothing is fetched, sent or changed until there is room.").format(why=why)


def automatic(kind: Automatic) -> str:
    """What no person wrote for us; nothing for what one did."""
    return {
        Automatic.REPLY: _("automatic reply"),
        Automatic.REPORT: _("delivery report"),
        Automatic.LIST: _("mailing list"),
        Automatic.NO: "",
    }[kind]
