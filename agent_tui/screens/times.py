"""Times to choose from: what is offered, and what is typed."""

from __future__ import annotations

from agent_tui import ages
from agent_tui.desk.moment_words import in_cyrillic
from agent_tui.desk.moments import NotAMoment, presets, readings, some_day
from agent_tui.desk.workspace import Desk
from agent_tui.screens.sheet import Offer
from agent_tui.widgets.cells import in_cell
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _


def offer_times(desk: Desk) -> Offer:
    """Lines for a `Finder`; their values are moments."""
    present = desk.now()
    such_as = _("For example: fri 16:05, {day}, in 3 hours, tomorrow 9").format(day=some_day(present, desk.zone))
    may_type = _("Or type a time: fri 16:05, 24.12 9:00, in 3 hours, tomorrow 9")
    in_words = _("For example: завтра 9, пт 16:05, через 2 години, через 2 часа")
    names = {
        "later_today": _("Later today"),
        "this_evening": _("This evening"),
        "tomorrow": _("Tomorrow"),
        "weekend": _("At the weekend"),
        "next_week": _("Next week"),
    }

    def offer(typed: str) -> list[SheetLine]:
        if not typed.strip():
            offered = [
                SheetLine(names.get(one.code, one.code), right=ages.moment(one.at, present), value=int(one.at))
                for one in presets(present, desk.zone)
            ]
            return [*offered, SheetLine(may_type, role="faint", flows=True)]
        try:
            found = readings(typed, present, desk.zone)
        except NotAMoment as odd:
            past = odd.code == "in_the_past"
            word = _("“{text}” lies in the past.") if past else _("“{text}” is not understood as a time.")
            said = word.format(text=in_cell(typed.strip()))
            example = in_words if in_cyrillic(typed) else such_as
            return [SheetLine(said, role="due", flows=True), SheetLine(example, role="quiet", flows=True)]
        return [SheetLine(ages.moment(at, present), right=ages.day(at, present), value=int(at)) for at in found]

    return offer
