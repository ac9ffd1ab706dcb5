"""The one table by which a conversation's status changes."""

from __future__ import annotations

from enum import StrEnum

from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Automatic


class Happening(StrEnum):
    """What may move a status without an agent naming the new one."""

    CUSTOMER_WROTE = "customer_wrote"
    OTHER_WROTE = "other_wrote"
    """Somebody else in the conversation: a colleague or supplier who was asked. His word is news as well."""
    REPLY_QUEUED = "reply_queued"
    OTHERS_WRITTEN_TO = "others_written_to"
    """A message of ours that the customer does not get."""
    REPLY_CAME_BACK = "reply_came_back"
    SNOOZE_ENDED = "snooze_ended"


_CUSTOMER_WROTE = {
    Status.NEW: Status.NEW,
    Status.OPEN: Status.OPEN,
    Status.WAITING: Status.OPEN,
    Status.SNOOZED: Status.OPEN,
    Status.SOLVED: Status.OPEN,
    Status.CLOSED: Status.OPEN,
    Status.SPAM: Status.SPAM,
}
_REPLY_QUEUED = dict.fromkeys(Status, Status.WAITING) | {Status.SPAM: Status.SPAM}


def after(status: Status, happening: Happening, automatic: Automatic = Automatic.NO) -> Status:
    """The status after something happened. Auto-replies and delivery reports change nothing; spam stays spam.

    That an answer came back is no word of the customer: he has no answer, whatever the status says.
    """
    match happening:
        case Happening.CUSTOMER_WROTE | Happening.OTHER_WROTE:
            if automatic in (Automatic.REPLY, Automatic.REPORT):
                return status
            return _CUSTOMER_WROTE[status]
        case Happening.REPLY_QUEUED:
            return _REPLY_QUEUED[status]
        case Happening.OTHERS_WRITTEN_TO:
            return status
        case Happening.REPLY_CAME_BACK:
            return status if status in (Status.NEW, Status.SPAM) else Status.OPEN
        case Happening.SNOOZE_ENDED:
            return Status.OPEN if status is Status.SNOOZED else status
