"""Times to choose from: what is offered, and what is typed."""

from __future__ import annotations

from agent_tui import ages
from agent_tui.desk.moments import NotAMoment, parse, presets
from agent_tui.desk.workspace import Desk
from agent_tui.screens.sheet import Offer
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _


def offer_times(desk: Desk) -> Offer:
    """Lines for a `Finder`; their values are moments."""
    present = desk.now()
    names = {
        "later_today": _("Later today"),
        "this_evening": _("This evening"),
        "tomorrow": _("Tomorrow"),
        "weekend": _("At the weekend"),
        "next_week": _("Next week"),
    }

    def offer(typed: str) -> list[SheetLine]:
        if not typed.strip():
            return [
                SheetLine(names.get(one.code, one.code), right=ages.moment(one.at, present), value=int(one.at))
                for one in presets(present, desk.zone)
            ]
        try:
            at = parse(typed, present, desk.zone)
        except NotAMoment as odd:
            past = odd.code == "in_the_past"
            word = _("That lies in the past.") if past else _("fri 16:05, 20 nov, in 3 hours, tomorrow 9")
            return [SheetLine(word, role="faint")]
        return [SheetLine(ages.moment(at, present), right=ages.exact(at), value=int(at))]

    return offer
