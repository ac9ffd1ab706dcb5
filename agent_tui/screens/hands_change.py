"""Changing: solve, assign, tag, snooze, status, priority, and taking it back. Each says what it did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from agent_tui import ages, sentences
from agent_tui.desk import actions
from agent_tui.desk.actions import Actions, Intent, StepLine
from agent_tui.desk.plain import StoreError
from agent_tui.domain.action import ActionStep, UndoResult
from agent_tui.domain.conversation import Priority, Status
from agent_tui.domain.times import Micros
from agent_tui.named_keys import way
from agent_tui.screens.commands import Where
from agent_tui.screens.sheet import Finder, Picker, Question, Sheet
from agent_tui.screens.times import offer_times
from agent_tui.widgets import labels
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.inbox_rows import customer_of, subject_of
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _, grouped, ngettext, pgettext

ENDING = ("solve", "spam", "status")
"""Changes after which a conversation may be out of sight."""
STAYING = ("assign", "unassign", "tag", "untag", "priority", "read", "unread")
"""Changes behind which another on the same conversations may follow."""

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen, Hand

NOBODY = ""


class Changing:
    """Hands that change."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen
        self.actions = Actions(screen.desk)

    def hands(self) -> dict[str, Hand]:
        """By command."""
        return {
            "solve": lambda count: self.apply(actions.solve(self.targets())),
            "reopen": lambda count: self.apply(actions.reopen(self.targets())),
            "assign.me": lambda count: self.apply(actions.assign(self.targets(), self.screen.desk.agent)),
            "assign": lambda count: self.assign(),
            "tag": lambda count: self.tag(),
            "snooze": lambda count: self.snooze(),
            "status": lambda count: self.status(),
            "priority": lambda count: self.priority(),
            "spam": lambda count: self.spam(),
            "select": lambda count: self.select(),
            "select.extend": lambda count: self.extend(),
            "select.none": lambda count: self.unselect(),
            "undo": lambda count: self.undo(),
            "redo": lambda count: self.redo(),
            "undo.list": lambda count: self.undo_list(),
        }

    # whom it concerns

    def targets(self) -> list[int]:
        """The open conversation where one is read, else the selected ones, else the one under the cursor."""
        screen = self.screen
        shown = screen.thread.shown
        alone = screen.reading and screen.mode == "narrow"  # then nobody sees the list
        if (alone or screen.focused is screen.thread.list) and shown is not None:
            return [shown]
        return screen.inbox.targets()

    def select(self) -> None:
        """Select the row; the cursor stays, as in the mailboxes that people know."""
        self.screen.inbox.toggle()
        self.screen.bars.tell_place()

    def extend(self) -> None:
        """Select a range."""
        self.screen.inbox.extend()
        self.screen.bars.tell_place()

    def unselect(self) -> None:
        """Select nothing."""
        self.screen.inbox.unselect()
        self.screen.bars.tell_place()

    # doing

    def apply(self, intent: Intent) -> None:
        """Do it behind the screen's back and say so."""
        if not intent.targets:
            self.screen.bars.say(_("No conversation is under the cursor."))
            return
        if intent.code in (*ENDING, "snooze") and _shows_what_came(self.screen, intent):
            return
        self._run(lambda: self.actions.apply(intent), self._applied)

    def _run(self, work: Callable[[], Awaitable[object]], then: Callable[[object], None]) -> None:
        async def change() -> None:
            try:
                done = await work()
            except StoreError as error:
                self.screen.bars.fail(error)
                return
            self.screen.absorb()
            then(done)

        self.screen.run_worker(change(), group="change", exit_on_error=False)

    def _applied(self, step: object) -> None:
        if not isinstance(step, ActionStep):
            self.screen.bars.say(_("It is so already; nothing was changed."))
            return
        done = {change.conversation_id for change in step.changes}
        if step.code not in STAYING and self.screen.inbox.selected.issuperset(done):
            self.screen.inbox.unselect()
        self.screen.bars.tell_place()
        self._say_step(step)

    def _say_step(self, step: ActionStep) -> None:
        bars = self.screen.bars
        said = " ".join(filter(None, (self.in_words(self.actions.describe(step)), self._left_lying(step))))
        bars.say(said, *(self._undo_hints() if step.undoable else ()))

    def _left_lying(self, step: ActionStep) -> str:
        """Drafts of conversations that are out of sight now."""
        done = (Status.SOLVED, Status.CLOSED, Status.SPAM)
        rows = self.screen.desk.reads.rows(
            sorted({c.conversation_id for c in step.changes}), self.screen.desk.agent
        ).values()
        number = sum(row.draft and row.status in done for row in rows) if step.code in ENDING else 0
        text = ngettext("Your draft waits there{way}.", "Drafts of yours wait in {n} of them{way}.", number)
        return text.format(n=number, way=way("drafts")) if number else ""

    def _undo_hints(self) -> tuple[Hint, ...]:
        keymap = self.screen.strokes.keymap
        return (Hint(keymap.key_of("undo"), _("undo")), Hint(keymap.key_of("undo.list"), pgettext("undo", "list")))

    def in_words(self, line: StepLine) -> str:
        """A step as a sentence."""
        values = dict(line.values)
        return sentences.action(line.code, numbers(line), values, self.screen.desk.agent)

    # pickers

    def _pick(self, title: str, lines: list[SheetLine], then: Callable[[object], None], cursor: int = 0) -> None:
        def chosen(value: object | None) -> None:
            if value is not None:
                then(value)

        self.screen.app.push_screen(Picker(title, lines, cursor), chosen)

    def _title(self, word: str) -> str:
        count = len(self.targets())
        if count > 1:
            return _("{what} · {n} conversations").format(what=word, n=grouped(count))
        return word

    def assign(self) -> None:
        """Me, a colleague, nobody."""
        targets, desk = self.targets(), self.screen.desk
        lines = [
            SheetLine(_("You") if name == desk.agent else name, key=str(n) if n < 10 else "", value=name)
            for n, name in enumerate(desk.assignees, 1)
        ]
        lines.append(SheetLine(_("Nobody"), key="0", value=NOBODY))
        unnamed = _('To assign to others, name them in settings.toml: colleagues = ["kim", "ihor"]')
        alone = [SheetLine(unnamed, role="quiet", flows=True)] if desk.assignees == (desk.agent,) else []

        def offer(typed: str) -> list[SheetLine]:
            """Those whose name begins so, else those in whose name it stands; on the screen or as rows have it."""
            wanted = typed.strip().casefold()
            said = [(line, (line.text.casefold(), str(line.value).casefold())) for line in lines]
            found = [line for line, names in said if any(name.startswith(wanted) for name in names)]
            found = found or [line for line, names in said if any(wanted in name for name in names)]
            if not wanted:
                return found + alone
            return found or alone or [SheetLine(_("Nobody here is called so."), role="faint")]

        def chosen(who: object | None) -> None:
            if isinstance(who, str):
                self.apply(actions.assign(targets, who or None))

        self.screen.app.push_screen(Finder(self._title(_("Assign to")), offer, by_key=True), chosen)

    def status(self) -> None:
        """Any status; a snooze goes on to ask for the time."""
        targets, keys = self.targets(), "nowhdc!"
        order = (Status.NEW, Status.OPEN, Status.WAITING, Status.SNOOZED, Status.SOLVED, Status.CLOSED, Status.SPAM)
        lines = [SheetLine(labels.status(one), key=key, value=one) for one, key in zip(order, keys, strict=True)]
        row = self.screen.inbox.row()
        cursor = order.index(row.status) if row else 0

        def chosen(value: object) -> None:
            if value is Status.SNOOZED:
                self.snooze()
            elif isinstance(value, Status):
                self.apply(actions.set_status(targets, value))

        self._pick(self._title(_("Status")), lines, chosen, cursor)

    def priority(self) -> None:
        """How pressing."""
        targets = self.targets()
        lines = [SheetLine(labels.priority(one), key="lnhu"[one], value=one) for one in Priority]
        row = self.screen.inbox.row()

        def chosen(value: object) -> None:
            if isinstance(value, Priority):
                self.apply(actions.set_priority(targets, value))

        self._pick(self._title(_("Priority")), lines, chosen, int(row.priority) if row else 1)

    def spam(self) -> None:
        """Asks first: in mutt and vim `!` is the shell."""
        targets = self.targets()

        def answered(yes: object | None) -> None:
            if yes is True:
                self.apply(actions.spam(targets))

        rows = self.screen.desk.reads.rows(targets, self.screen.desk.agent)
        title = self._title(_("Spam"))
        written: tuple[str, ...] = ()
        if len(targets) == 1 and targets[0] in rows:
            row = rows[targets[0]]
            told = _("Spam: #{number} {customer} · {subject}")
            written = (subject_of(row), customer_of(row))
            title = told.format(number=row.number, customer=written[1], subject=written[0])
        self.screen.app.push_screen(Question(title, _("Mark as spam"), _("Leave it"), written), answered)

    def snooze(self) -> None:
        """A time that is offered, or one that is typed."""
        targets, desk = self.targets(), self.screen.desk

        def chosen(value: object | None) -> None:
            if isinstance(value, int):
                self.apply(actions.snooze(targets, Micros(value), desk.settings.zone))

        self.screen.app.push_screen(Finder(self._title(_("Snooze until")), offer_times(desk)), chosen)

    def tag(self) -> None:
        """Tags in use, or a new one; one that all of them have is taken away."""
        targets = self.targets()
        rows = self.screen.desk.reads.rows(targets, self.screen.desk.agent)
        if not rows:
            return
        common = {str(tag) for tag in next(iter(rows.values())).tags}
        for row in rows.values():
            common &= {str(tag) for tag in row.tags}
        known = [str(tag) for tag, _count in self.actions.all_tags()]
        counts = {str(tag): count for tag, count in self.actions.all_tags()}

        def offer(typed: str) -> list[SheetLine]:
            wanted = typed.strip().casefold()
            if "," in typed or wanted[:1] in ("+", "-"):
                several = actions.signed_tags(typed)
                names = (*(f"+{name}" for name in several[0]), *(f"-{name}" for name in several[1]))
                told = _("A comma parts two tags; one with - before it is taken away.")
                none = SheetLine(told, role="quiet", flows=True)
                return [SheetLine(", ".join(names), value=several) if names else none]
            has = [
                SheetLine(tag, key="-", right=_("take away"), value=([], [tag]))
                for tag in sorted(common)
                if wanted in tag.casefold()
            ]
            new = [
                SheetLine(tag, key="+", right=grouped(counts[tag]), value=([tag], []))
                for tag in known
                if tag not in common and wanted in tag.casefold()
            ]
            clean = actions.clean_tag(typed)
            if clean and str(clean).casefold() not in {tag.casefold() for tag in (*known, *common)}:
                new.append(SheetLine(str(clean), key="+", right=_("new tag"), value=([str(clean)], [])))
            found = [*new, *has] if wanted else [*has, *new]
            if not found:
                return [SheetLine(_("No tag is in use yet: type a new one, then enter."), role="quiet", flows=True)]
            return found

        def chosen(value: object | None) -> None:
            if isinstance(value, tuple):
                add, remove = value
                self.apply(self.actions.tag(targets, add, remove))

        self.screen.app.push_screen(Finder(self._title(_("Tags")), offer), chosen)

    # taking back

    def undo(self, step: int | None = None) -> None:
        """Take back the last change, or one of the list."""
        self._run(lambda: self.actions.undo(step), lambda done: self._undone(done, _("Took back:"), "redo"))

    def redo(self) -> None:
        """Do it again after all."""
        self._run(self.actions.redo, lambda done: self._undone(done, _("Done again:"), "undo"))

    def _undone(self, done: object, word: str, back: str) -> None:
        if not isinstance(done, tuple):
            return
        result, step = done
        draft = actions.restored_draft(step) if result is UndoResult.DONE else None
        if draft is not None:
            self.screen.answering.resume_by_id(draft)
        bars = self.screen.bars
        what = self.in_words(self.actions.describe(step)) if isinstance(step, ActionStep) else ""
        said = {
            UndoResult.DONE: f"{word} {what}",
            UndoResult.PARTLY: f"{word} {what} " + _("What had changed since was left."),
            UndoResult.CHANGED_SINCE: _("Left as it is, for it has changed since: {what}").format(what=what),
            UndoResult.NOTHING: _("Nothing to take back."),
            UndoResult.TOO_LATE: _("Too late to take it back.") + f" {what}",
        }[result]
        # A message that was taken back is on the screen as a draft: it is sent again from there.
        offered = result in (UndoResult.DONE, UndoResult.PARTLY) and draft is None
        hint = Hint(self.screen.strokes.keymap.key_of(back), _("redo") if back == "redo" else _("undo"))
        bars.say(said, *((hint,) if offered else ()))

    def undo_list(self) -> None:
        """What I did, newest first; Enter takes one back."""
        present = self.screen.desk.now()
        lines = [
            SheetLine(
                self.in_words(step),
                key=ages.age(step.at, present),
                right=_("taken back") if step.undone and step.values.get("state") != "stopped" else "",
                role="faint" if step.undone or not step.undoable else "text",
                value=None if step.undone or not step.undoable else step.step,
            )
            for step in self.actions.steps()
        ] or [SheetLine(_("Nothing yet."), role="quiet")]

        def chosen(value: object | None) -> None:
            if isinstance(value, int):
                self.undo(value)

        self.screen.app.push_screen(Sheet(_("What you did"), lines, enter=_("take back")), chosen)


def numbers(line: StepLine) -> str:
    """`#1042`, `#1042, #1043`, `12 conversations`."""
    count = len(line.conversations)
    if count <= 3 and len(line.numbers) == count:
        return ", ".join(f"#{number}" for number in line.numbers)
    return ngettext("{n} conversation", "{n} conversations", count).format(n=grouped(count))


def _shows_what_came(screen: DeskScreen, intent: Intent) -> bool:
    """A conversation with a message that was not seen yet is not put away: the message is shown first."""
    thread = screen.thread
    if screen.where is not Where.THREAD or thread.shown not in intent.conversations:
        return False
    if not thread.unseen.to_first(thread.list):
        return False
    screen.bars.say(_("Not yet: this message came meanwhile. The same key again does it."), role="due")
    return True
