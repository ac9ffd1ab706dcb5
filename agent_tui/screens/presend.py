"""Before it goes: what speaks against a message, each reason with its own key, and the way on."""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical

from agent_tui import ages
from agent_tui.desk.presend import Finding, Severity
from agent_tui.domain.times import Micros
from agent_tui.screens.modal import Modal
from agent_tui.widgets.cells import width, wrap
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.reason_rows import ReasonLine, ReasonRows
from agent_tui.widgets.title_line import TitleLine
from agent_tui.widgets.virtual_list import VirtualList
from agent_tui.words import _, ngettext, pgettext

FIX_KEYS = {"read": "v", "drop": "d", "attach": "f", "recipients": "r", "edit": "e", "people": "a"}
"""The key of each way to mend; the letters of the alphabet follow where one is taken."""
SPARE = "123456789"
WIDEST = 90
BESIDE = 8
"""Cells of a line beside its sentence and the word of its key."""
FRAME = 5
"""Lines of the box beside the reasons: its borders, the title, the keys, the one below."""

_PLACE = re.compile(r"\{(\w+)\}")

LEAST = (40, 9)
"""Cells and lines of a screen in which reasons can be read: in a smaller one nothing goes against them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the agent decided."""

    send: bool = False
    fix: str = ""
    people: tuple[str, ...] = ()


def words(finding: Finding, present: Micros) -> str:
    """A finding as one sentence."""
    get = finding.get
    texts = {
        "no_recipient": _("It goes to nobody yet"),
        "empty": _("Nothing is written yet"),
        "newer_message": ngettext(
            "{name} wrote again {age}, you have not seen it", "{name} wrote {count} times, you have not seen it",
            int(get("count") or 1),
        ),
        "other_answered": _("{name} answered {age}"),
        "answered_elsewhere": _("It was answered in another program, so says the mail server"),
        "twin_answered": _("What seems to be the same letter was answered {age} in #{number}"),
        "twin_begun": _("What seems to be the same letter is being answered in #{number}"),
        "new_note": _("{name} left a note {age}"),
        "first_time": _("{address} gets this for the first time"),
        "not_in_last": _("{address} was not in the last message"),
        "not_in_first": _("{address} is known here, and the first one was not for it"),
        "written_again": _("It was written again already {age}"),
        "many_new": _("{count} of the {all} who get it are new here"),
        "namesake": _("{address} bears the name of {other}: {name}"),
        "same_name": _("{address} and {other} bear one name: {name}"),
        "recipients_cut": _("The message names more recipients than are kept here: the others do not get it"),
        "somebody_else": _("{address} is not whom this conversation is with: {customer}"),
        "only_in_doubt": _("Nothing but a message that may be forged names {name}"),
        "customer_misses": _("{customer} will not get this: it goes to {name} alone"),
        "not_on_screen": ngettext(
            "It also goes to {people}", "It also goes to {also} others: {people}", len(finding.people),
        ),
        "customer_left_out": _("{address}, who asked, does not get it"),
        "bounced_address": _("Mail to {address} came back: the address does not exist"),
        "doubted_address": _("A report says that {address} does not exist"),
        "reply_to_differs": _("The answer goes to {address}, not to where it came from"),
        "placeholder": _("{text} is not filled in"),
        "no_attachment": _("You write “{text}”, nothing is attached"),
        "card_number": _("A card number stands in it ({text})"),
        "secret": _("It looks as if a password or key stands in it"),
        "conversation_closed": _("The conversation is closed"),
        "conversation_spam": _("The conversation is marked as spam"),
        "no_subject": _("It has no subject"),
    }  # fmt: skip
    at = int(get("at") or 0)
    ago = _ago(Micros(at), present) if at else ""
    known = {name: " ".join(value.split()) for name, value in finding.parameters}
    text = texts.get(finding.code, finding.code)
    known |= {"age": ago, "also": str(len(finding.people)), "people": ", ".join(finding.people)}
    # at one go: what stands in an address is no place to be filled in
    text = _PLACE.sub(lambda place: known.get(place[1], place[0]), text)
    return " ".join(text.split())


def _ago(at: Micros, present: Micros) -> str:
    seconds = max(0, (present - at) // 1_000_000)
    if seconds < 60:
        return ngettext("{n} s ago", "{n} s ago", seconds).format(n=seconds)
    return _("at {time}").format(time=ages.moment(at, present))


def fix_word(fix: str) -> str:
    """What a key does."""
    return {
        "read": _("read it"),
        "drop": pgettext("recipient", "drop"),
        "attach": _("attach"),
        "recipients": _("recipients"),
        "people": _("show all"),
        "edit": _("edit"),
    }.get(fix, "")


class PresendCheck(Modal[Verdict]):
    """The reasons, and one key for each."""

    DEFAULT_CSS = """
    PresendCheck { align: center bottom; background: transparent; }
    PresendCheck > #box {
        width: 100%; height: auto; max-height: 90%; border: solid $line; background: $ground; margin: 0 1 1 1;
    }
    PresendCheck > #box > VirtualList { height: auto; }
    """
    AUTO_FOCUS = "#reasons"
    READING = 0.3
    """Seconds on the screen before a key is an answer: what was pressed twice, held down or typed on is none."""

    def __init__(self, findings: tuple[Finding, ...], present: Micros, send_word: str = "") -> None:
        super().__init__()
        self.findings = findings
        self.present = present
        self.can_send = all(finding.severity is not Severity.STOP for finding in findings)
        self.keys: dict[str, Verdict] = {}
        self.list = VirtualList(id="reasons")
        ways = (Hint("j", _("down")), Hint("k", _("up")))
        self._below = TitleLine("", ways, indent=4, id="presend-below")
        self._title = TitleLine(_("Before it goes"), id="presend-title")
        self._ways = TitleLine("", id="presend-hints")
        self._send_word = send_word or _("send all the same")
        self._labels = self._give_keys()
        self._stands_since = math.inf

    def _give_keys(self) -> list[tuple[str, str]]:
        """(key, word) of each finding; a letter that is taken gives way to a digit."""
        spare = iter(SPARE)
        labels = []
        for finding in self.findings:
            verdict = Verdict(fix=finding.fix, people=finding.people if finding.fix == "drop" else ())
            wanted = FIX_KEYS.get(finding.fix, "")
            if not wanted:
                labels.append(("", ""))
                continue
            key = wanted
            if finding.fix == "people" and key in self.keys:  # one list shows them all
                labels.append(("", ""))
                continue
            if key in self.keys and self.keys[key] != verdict:
                key = next(spare, "")
            if key:
                self.keys[key] = verdict
            labels.append((key, fix_word(finding.fix)))
        return labels

    def compose(self) -> ComposeResult:
        """Title, reasons, keys."""
        with Vertical(id="box"):
            yield self._title
            yield self.list
            yield self._below
            yield self._ways

    def hints(self) -> tuple[Hint, ...]:
        """The way on and the way back."""
        back = Hint("esc", _("back"))
        return (Hint("ctrl+s", self._send_word), back) if self.can_send and self._can_be_read() else (back,)

    def _can_be_read(self) -> bool:
        return self.size.width >= LEAST[0] and self.size.height >= LEAST[1]

    def on_mount(self) -> None:
        """Show the reasons."""
        self._fill()
        self.list.focus()
        self.call_after_refresh(self._stands)

    def _stands(self) -> None:
        """The reasons are painted: they can be read from now on."""
        self._stands_since = time.monotonic()

    def on_resize(self) -> None:
        """Break them anew."""
        self._fill()

    def _fill(self) -> None:
        self._title.say(_("Before it goes") if self._can_be_read() else _("Enlarge the window"))
        self._ways.hints = self.hints()
        self._ways.refresh()
        cells = max(20, min(self.size.width - 6, WIDEST))
        lines: list[ReasonLine] = []
        widest = max((width(word) for _key, word in self._labels), default=0)
        for finding, (key, word) in zip(self.findings, self._labels, strict=True):
            stops = finding.severity is Severity.STOP
            first, *rest = wrap(words(finding, self.present), max(10, cells - widest - BESIDE))
            lines.append(ReasonLine(first, "!!" if stops else "!", "late" if stops else "due", key, word))
            lines += [ReasonLine(piece) for piece in rest]
        self.list.set_rows(ReasonRows(lines), 0)
        room = max(1, self.size.height * 9 // 10 - FRAME)
        self._below.display = len(lines) > room
        self.list.styles.height = min(len(lines), max(1, room - 1) if self._below.display else room)
        self.call_after_refresh(self._tell_below)
        self.query_one("#box").styles.max_width = cells + 6

    def _tell_below(self) -> None:
        """What the box is too small for is not left out unsaid."""
        more = self.list.rows.lines - self.list.first_line - self.list.size.height
        self._below.say(ngettext("{n} more line", "{n} more lines", more).format(n=more) if more > 0 else "")

    def press(self, stroke: str) -> bool:
        """A key: one of the reasons', or the way on or back."""
        if stroke in ("escape", "q"):
            self.dismiss(Verdict())
        elif time.monotonic() < self._stands_since + self.READING:
            pass
        elif stroke == "ctrl+s" and self.can_send and self._can_be_read():
            self.dismiss(Verdict(send=True))
        elif stroke in self.keys:
            self.dismiss(self.keys[stroke])
        elif stroke in ("j", "down", "k", "up"):
            self.list.scroll_lines(1 if stroke in ("j", "down") else -1)
            self._tell_below()
        return True
