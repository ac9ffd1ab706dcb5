"""The sentences for codes. Sentence case, no blame, no jargon of ours: what happened, why, what to do."""

from __future__ import annotations

from typing import Final

from agent_tui.domain.message import Rule
from agent_tui.words import N_

FAULTS: Final[dict[str, str]] = {
    # connections
    "unreachable": N_("No connection to {host}: {reason}."),
    "refused": N_("No connection to {host}: it refuses port {port}."),
    "timeout": N_("No connection to {host}: it does not answer."),
    "authentication_failed": N_("{host} does not accept the password of {user}. Enter it again in the accounts (g c)."),
    "rate_limited": N_("{host} asks us to slow down; it goes on by itself."),
    "protocol_error": N_("{host} answers in a way that makes no sense: {reason}."),
    "certificate": N_("The certificate of {host} cannot be trusted: {reason}. Nothing was sent to it."),
    "no_starttls": N_("{host} offers no encryption, so nothing was sent. Check the security of the account (g c)."),
    # the store
    "disk_full": N_("The disk is full. Nothing was changed; make room and do it again."),
    "locked": N_("The store is busy. Nothing was changed; do it again in a moment."),
    "read_only": N_("The store cannot be written here. Check who owns its folder."),
    "network_file_system": N_(
        "The store lies on a network drive, where it would break. Choose a local folder with --home."
    ),
    "newer_version": N_("The store was written by a newer version. Update this one to open it."),
    "broken": N_("The store is damaged. `agent-tui doctor` says what can be done."),
    # files
    "no_content": N_("{name} is not kept here, so it cannot be saved."),
    "no_folder": N_("{folder} cannot be written: {reason}."),
    "too_many": N_("There are too many files named like {name} in the folder."),
}
"""Errors."""

WARNINGS: Final[dict[str, str]] = {
    "two_from": N_("Names two senders: who wrote it is not certain."),
    "no_author": N_("Names no sender that could be read."),
    "reply_to_differs": N_("Answers would go to another address than the sender's."),
    "lookalike": N_("The sender's address imitates another one."),
    "lookalike_sender": N_("The sender's address imitates another one."),
    "auth_failed": N_("The sender's server could not be confirmed: it may be forged."),
    "alternatives_differ": N_("Its plain text and its HTML say different things."),
    "encrypted": N_("Encrypted: it cannot be read here."),
    "signed": N_("Signed; the signature is not checked here."),
    "truncated": N_("Cut off here: it is too long to show whole."),
    "broken_mime": N_("Damaged on its way; some of it may be missing."),
    "link_differs": N_("A link leads elsewhere than its text says."),
}
"""What is odd about a message."""

EVENTS: Final[dict[str, str]] = {
    "status": N_("{by} set the status to {to}"),
    "status.customer_wrote": N_("Open again: the customer wrote"),
    "status.reply_queued": N_("Waiting for the customer since the answer"),
    "status.reply_rejected": N_("Open again: the answer was not sent"),
    "status.snooze_ended": N_("Awake again"),
    "assignee": N_("{by} assigned it to {to}"),
    "priority": N_("{by} set the priority to {to}"),
    "tags": N_("{by} set the tags: {to}"),
    "snooze": N_("{by} snoozed it"),
    "snoozed": N_("{by} snoozed it"),
    "woken": N_("Awake again"),
    "undone": N_("{by} took back a change"),
}
"""What happened to a conversation; `code.cause` comes before `code`."""

RULES: Final[dict[Rule, str]] = {
    Rule.IN_REPLY_TO: N_("It answers a message of this conversation."),
    Rule.REFERENCES: N_("It refers to a message of this conversation."),
    Rule.OUR_MESSAGE_ID: N_("It answers a message that left here."),
    Rule.NATIVE: N_("The service itself says that it belongs here."),
    Rule.DELIVERY_REPORT: N_("It reports on a message of this conversation."),
    Rule.OUTBOX: N_("It was written here."),
    Rule.NEW: N_("Nothing ties it to another message: it began this conversation."),
    Rule.STRANGER: N_("It refers to another conversation, but its author had no part in that one: it began its own."),
    Rule.MOVED: N_("Somebody put it here."),
}
"""Why a message stands in its conversation."""

EVIDENCE: Final[dict[str, str]] = {
    "header": N_("Message-ID it names: {detail}"),
    "message_id": N_("Message-ID it names: {detail}"),
    "native_id": N_("Conversation of the service: {detail}"),
    "author": N_("Its author: {detail}"),
    "account": N_("Account: {detail}"),
}
"""What speaks for it, by the name of the parameter."""

ACTIONS: Final[dict[str, str]] = {
    "solve": N_("Solved {numbers}."),
    "reopen": N_("Opened {numbers} again."),
    "spam": N_("Marked {numbers} as spam."),
    "status": N_("Status of {numbers}: {status}."),
    "snooze": N_("Snoozed {numbers}."),
    "assign": N_("Assigned {numbers} to {assignee}."),
    "unassign": N_("{numbers} belongs to nobody now."),
    "priority": N_("Priority of {numbers}: {priority}."),
    "tag": N_("Tags of {numbers}: {tags}."),
    "untag": N_("Took tags from {numbers}."),
    "read": N_("Read: {numbers}."),
    "unread": N_("Unread again: {numbers}."),
    "note": N_("Note on {numbers}."),
    "send": N_("Message in {numbers} leaves in a few seconds."),
}
"""What the agent did."""

ACTIVITY: Final[dict[str, str]] = {
    "connected": N_("Connected"),
    "disconnected": N_("The connection ended"),
    "sent": N_("Sent to {to}"),
    "rejected": N_("Not sent: {reason}"),
    "set_aside": N_("A message could not be read and was set aside: {reason}"),
}
"""What the program did."""

HINTS: Final[dict[str, str]] = {
    "unknown_field": N_("“{word}” is no field; did you mean {other}?"),
    "unknown_field.alone": N_("“{word}” is no field, so it was searched as text."),
    "unknown_value": N_("“{word}” does not know “{other}”, so it was searched as text."),
    "bad_date": N_("“{word}” is no date, so it was searched as text."),
}
"""What the search says about a query."""

VALUES: Final[dict[str, str]] = {
    "new": N_("new"),
    "open": N_("open"),
    "waiting": N_("waiting"),
    "snoozed": N_("snoozed"),
    "solved": N_("solved"),
    "closed": N_("closed"),
    "spam": N_("spam"),
    "0": N_("low"),
    "1": N_("normal"),
    "2": N_("high"),
    "3": N_("urgent"),
}
"""Values of fields."""
