"""Adding an account: a form drawn from what the backend declares, and a live look whether it works."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.worker import Worker, WorkerError

from agent_tui import sentences
from agent_tui.desk.accounts import SIGNATURE, AccountDraft, Accounts, DoorWay, FieldFault, SecretNotKept
from agent_tui.desk.plain import StoreError
from agent_tui.domain.account import Account, BackendInfo, Health, OptionField
from agent_tui.screens.form_parts import FormLabel, FormNote, FormRows, OneChoice, SomeLines, label_width
from agent_tui.screens.form_secrets import (
    PROGRAM,
    SecretsPart,
    is_program,
    program_fault,
    read_programs,
    with_programs,
)
from agent_tui.screens.form_words import fault_words, first_text, pointed_at, why
from agent_tui.screens.modal import Modal
from agent_tui.screens.secret_trial import Trial
from agent_tui.widgets.cells import in_cell, width
from agent_tui.widgets.composer_fields import OneField
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.title_line import TitleLine
from agent_tui.words import _

LOOK_EVERY = 0.3
THEIRS = {"own_addresses": "addresses", "own_name": "name", "signature": "signature"}
"""What every account has, where a backend declares it itself."""
KEYRING_REFUSES = ("no_keyring", "keyring_locked", "keyring_hangs", "keyring_failed")
"""Then the encrypted file is offered, and a program."""
PATIENCE = 60.0
"""Seconds after which a check that nobody answered is given up."""


def is_locked(accounts: Accounts, account: Account | None) -> bool:
    """What brought the agent here is a secret that nobody can get at."""
    health = accounts.health().get(account.id) if account is not None else None
    return health is not None and health.health is Health.LOCKED


def is_plain(option: OptionField, values: Mapping[str, str]) -> bool:
    """Asked at once: what has no default that would do. The rest shows on a key."""
    if option.kind == "secret":
        return option.wanted(values)
    return option.required or option.name in ("addresses", "name", "smtp_host")


class AccountForm(Modal[str | None]):
    """The form. Gives back the id of the account that was added."""

    DEFAULT_CSS = """
    AccountForm { align: center middle; background: transparent; }
    AccountForm > #box { width: 84; max-width: 100%; height: auto; max-height: 100%; border: solid $line; background: $ground; }
    AccountForm #rows { height: auto; scrollbar-size: 0 0; background: $ground; }
    AccountForm #rows > Horizontal { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", show=False),
        Binding("ctrl+r", "more", show=False),
        Binding("ctrl+o", "keep", show=False),
    ]

    AUTO_FOCUS = ""
    """The first field that shows is no matter of Textual's."""

    def __init__(self, accounts: Accounts, backend: BackendInfo, existing: Account | None = None) -> None:
        super().__init__()
        self.accounts = accounts
        self.backend = backend
        self.existing = existing
        self.trial = Trial(accounts, existing)
        self.works = False
        """The last try went well; else it was kept anyway."""
        self.more = existing is not None
        self.faults: dict[str, FieldFault] = {}
        self.asked_of: set[str] = set()
        """Fields that a failed try spoke of: they stay in sight."""
        self._tried = ""
        """Why the last try failed, until something is changed."""
        self.note = FormNote(id="form-note")
        self._begun: dict[str, str] = {}
        """What stood in the fields at first."""
        self._asked_to_leave = self._leaving = False
        self._looking: Worker[None] | None = None
        self._saving: Worker[None] | None = None
        self._timer: Timer | None = None
        self._waited = 0.0
        self._busy = False
        ours = [
            OptionField("id", _("Short name"), _("As it stands in lists and files: mail, support"), "text"),
            OptionField("label", _("Shown as"), _("What the list of accounts calls it"), "text"),
        ]
        theirs = {option.name for option in backend.options}
        extra = [
            OptionField("own_addresses", _("Own addresses"), _("The first is the one new messages come from"), "list"),
            OptionField("own_name", _("Your name"), _("As customers see it"), "text"),
            OptionField("signature", _("Signature"), _("Stands below what you write"), "text"),
        ]
        self.options = [*with_programs(backend.options), *(o for o in extra if THEIRS[o.name] not in theirs), *ours]
        self._labels = label_width(_(option.title) for option in self.options)
        self.keeping = SecretsPart(self._labels, accounts, existing.id if existing is not None else "", id="keeping")

    def compose(self) -> ComposeResult:
        """Title, rows, a note, the keys."""
        with Vertical(id="box"):
            title = _("Account: {backend}") if self.existing else _("Add an account: {backend}")
            yield TitleLine(title.format(backend=in_cell(_(self.backend.title))), id="form-title")
            with FormRows(id="rows", can_focus=False):
                for option in self.options:
                    with Horizontal(id=f"row-{option.name}"):
                        yield FormLabel(in_cell(_(option.title)), self._labels, id=f"label-{option.name}")
                        yield field_of(option, first_text(option, self.existing), kept=self.existing is not None)
                yield self.keeping
            yield self.note
            yield TitleLine("", hints_of(self), most_lines=2, id="form-keys")

    def on_mount(self) -> None:
        """The plain fields, with the first one ready; where a secret is locked, the one for its passphrase."""
        has_secrets = any(option.kind == "secret" for option in self.options)
        locked = has_secrets and is_locked(self.accounts, self.existing)

        async def look() -> None:
            try:
                await self.keeping.look()
            finally:
                self._show_rows()
                if locked:
                    (*self.keeping.fields(), *self._shown())[0].focus()

        self._begun = self.values()
        self._show_rows()
        if not locked:  # a passphrase is what opens it: it must not be typed where all can read it
            self._shown()[0].focus()
        self._say_help()
        if has_secrets:
            self._looking = self.run_worker(look(), group="door", exit_on_error=False)

    @property
    def is_ready(self) -> bool:
        """The caret stands in a field: what was typed before goes there, too."""
        return self.focused is not None

    # rows

    def field(self, name: str) -> OneField | SomeLines:
        """One field."""
        found = self.query_one(f"#value-{name}")
        assert isinstance(found, OneField | SomeLines)
        return found

    def _shown(self) -> list[OneField | SomeLines]:
        rows = [self.field(o.name) for o in self.options if self.query_one(f"#row-{o.name}").display]
        return [*(field for field in rows if not field.disabled), *self.keeping.fields()]

    def _show_rows(self) -> None:
        values = self.values()
        no_keyring = self.keeping.state is not None and self.keeping.state.way is DoorWay.NEW
        for option in self.options:
            shown = (
                self.more
                or is_plain(option, values)
                or (is_program(option) and ((no_keyring and option.wanted(values)) or bool(values[option.name])))
                or option.name in self.faults
                or option.name in self.asked_of
                or option.name == "own_addresses"
            )
            self.query_one(f"#row-{option.name}").display = shown
        self.field("id").disabled = self.existing is not None or self.trial.saved is not None
        self.query_one("#form-keys", TitleLine).hints = hints_of(self)
        self.query_one("#form-keys").refresh()
        here = self._shown()
        if self.focused is not None and here and self.focused not in here:  # in a row that is hidden no key has a place
            self.set_focus(here[0])
        self.call_after_refresh(self.query_one(FormRows).keep_in_sight)

    def action_more(self) -> None:
        """All fields, or the plain ones."""
        self.more = not self.more
        self._show_rows()

    def step_field(self, field: Widget, step: int) -> None:
        """To the next field or the one before; Esc leaves the form."""
        shown = self._shown()
        here = shown.index(field) if field in shown else 0
        if step == 0:
            self.leave()
        else:
            self._stay()
            self.set_focus(shown[(here + step) % len(shown)])

    def take_key(self, key: str) -> bool:
        """The form's own keys, at once: what is typed behind them finds the fields as they leave them."""
        self._stay()
        does = {"ctrl+s": self.action_save, "ctrl+r": self.action_more, "ctrl+o": self.action_keep}.get(key)
        if does is not None:
            does()
        return does is not None

    def _stay(self) -> None:
        """Another key than Esc: the question whether to leave is answered."""
        if self._asked_to_leave:
            self._asked_to_leave = False
            self._say_help()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _changed(self, event: Input.Changed | TextArea.Changed) -> None:
        event.stop()
        self._asked_to_leave = False
        self.keeping.wrong = ""
        field = event.input if isinstance(event, Input.Changed) else event.text_area
        tried = self._tried if field.has_focus else ""  # a passphrase that has done its work is emptied by us
        self._tried = "" if tried else self._tried
        name = (field.id or "").removeprefix("value-")
        if any(option.when and option.when[0] == name for option in self.options):
            self._show_rows()
        if name in self.faults:
            del self.faults[name]
            self.query_one(f"#label-{name}", FormLabel).mark(False)
        elif not tried:
            return
        self._say_help()

    def on_descendant_focus(self) -> None:
        """Another field, another help."""
        self._say_help()
        self.call_after_refresh(self.query_one(FormRows).keep_in_sight)

    def _say_help(self) -> None:
        focused = self.focused
        name = (focused.id or "").removeprefix("value-") if focused is not None else ""
        option = next((o for o in self.options if o.name == name), None)
        if self._busy:
            return
        if self._tried:
            self._say(self._tried, "late")
            return
        if option is None:
            self._say(self.keeping.wrong or self.keeping.help(), "late" if self.keeping.wrong else "faint")
            return
        if name in self.faults:
            fault = self.faults[name]
            self._say(program_fault(fault) or fault_words(fault, option), "late")
            return
        parts = [_(option.title)] if width(_(option.title)) > self._labels - 3 else []
        if option.help:
            parts.append(_(option.help))
        if option.kind == "secret" and not self.query_one(f"#row-{name}{PROGRAM}").display:
            parts.append(_("a program that prints it has a field of its own, among all fields"))
        if option.choices or option.kind == "flag":
            among = ", ".join(option.choices) or "yes, no"
            parts.append(_("{choices}; space changes it").format(choices=among))
        if isinstance(focused, SomeLines):
            parts.append(_("enter begins another line, tab goes on"))
        self._say(". ".join(parts))

    def _say(self, text: str, role: str = "faint") -> None:
        """A sentence below the fields, which have what room it leaves."""
        self.note.say(text, role)
        self.query_one(FormRows).leave_room(self.note.lines)

    # trying

    def values(self) -> dict[str, str]:
        """What was typed."""
        return {option.name: self.field(option.name).value for option in self.options}

    def action_save(self) -> None:
        """Read the form, keep it, and look whether it works."""
        if self._busy:
            return
        known = self.existing.id if self.existing else self.trial.saved.account.id if self.trial.saved else ""
        values = self.values()
        draft = read_programs(self.accounts.read_form(self.backend, values, existing=known), self.options, values)
        named = {option.name for option in self.options}
        places = [fault.name if fault.name in named else THEIRS.get(fault.name, fault.name) for fault in draft.faults]
        self.faults = dict(zip(places, draft.faults, strict=True))
        for option in self.options:
            self.query_one(f"#label-{option.name}", FormLabel).mark(option.name in self.faults)
        self._show_rows()
        if draft.faults:
            try:
                self.field(places[0]).focus()
            except NoMatches:
                self._say(fault_words(self.faults[places[0]], None), "late")
            else:
                self._say_help()
            return
        self._busy, self._tried = True, ""
        self._say(_("Looking whether it works …"), "quiet")
        self._saving = self.run_worker(self._save(draft), group="account", exit_on_error=False)

    async def _save(self, draft: AccountDraft) -> None:
        try:
            if not await self._door_is_open(draft):
                return
            await self.trial.keep_to_try(draft)
            request = await self.accounts.check(draft.account.id)
        except (SecretNotKept, StoreError) as error:
            if error.code in KEYRING_REFUSES:
                await self.keeping.look(error.code)
                self._failed(sentences.error("secret_unavailable", {"reason": error.code}, way=""))
            else:
                self._failed(sentences.error(error.code, error.parameters, way=""))
            return
        self._waited = 0.0
        self._timer = self.set_interval(LOOK_EVERY, lambda: self._look(request))

    async def _door_is_open(self, draft: AccountDraft) -> bool:
        """What was typed can be kept; where not, the form says what is wanted first."""
        if self._looking is not None:
            await self._looking.wait()
        state = self.keeping.state
        if state is None or not state.wants_passphrase or not (draft.secrets or self.keeping.passphrase):
            return True
        if missing := self.keeping.fault():
            self.keeping.wrong = missing
            self._failed(missing)
            self.keeping.fields()[0].focus()
            return False
        await self.accounts.open_door(self.keeping.passphrase)
        await self.keeping.look()
        return True

    def _look(self, request: int) -> None:
        self._waited += LOOK_EVERY
        result = self.accounts.outcome(request)
        if not result.done and self._waited < PATIENCE:
            return
        if self._timer is not None:
            self._timer.stop()
        if result.done and result.ok and self.trial.saved is not None:
            self.works = True
            self.trial.settle()
            self.dismiss(self.trial.saved.account.id)
        else:
            values = self.values()
            name = pointed_at(result.code, result.parameters, self.options, values)
            self._failed(why(result, self.options), name + PROGRAM if values.get(name + PROGRAM) else name)

    def _failed(self, sentence: str, name: str = "") -> None:
        """Say it where the caret stands: in the field it speaks of, else in the one that was left."""
        if name and not self.query_one(f"#row-{name}").display:
            self.asked_of.add(name)
        self._show_rows()
        shown = self._shown()
        here = self.focused if self.focused in shown else shown[0]
        self._tried = sentence
        self.set_focus(self.field(name) if name else here)
        self._busy = False
        self._say(sentence, "late")

    def action_keep(self) -> None:
        """Keep it though it does not work yet."""
        if self.trial.saved is not None and not self._busy:
            self.trial.settle()
            self.dismiss(self.trial.saved.account.id)

    def leave(self) -> None:
        """Leave it; what was typed is thrown away at the second asking. What was kept only to be tried goes again."""
        typed = self.values() != self._begun or bool(self.keeping.passphrase)
        if typed and not self._asked_to_leave:
            self._asked_to_leave = True
            self._say(_("Esc again drops what you typed here; any other key goes on."), "late")
            return
        if not self._leaving:
            self._leaving = self._busy = True
            self.run_worker(self._take_back(), group="leave", exit_on_error=False)

    async def _take_back(self) -> None:
        with contextlib.suppress(WorkerError):
            if self._saving is not None:  # what is being kept is kept first: it would come behind
                await self._saving.wait()
        if self._timer is not None:
            self._timer.stop()
        try:
            await self.trial.take_back()
        except (SecretNotKept, StoreError) as error:
            self.app.notify(sentences.error(error.code, error.parameters), severity="error", markup=False)
        finally:
            self.dismiss(None)

    async def on_unmount(self) -> None:
        """The desk was left with the form: a changed account is not left with what was only tried."""
        if self.existing is not None:
            with contextlib.suppress(SecretNotKept, StoreError):
                await self.trial.take_back()


def hints_of(form: AccountForm) -> tuple[Hint, ...]:
    """What may be pressed."""
    more = Hint("ctrl+r", _("fewer fields") if form.more else _("all fields"))
    leave = Hint("esc", _("leave"))
    if form.trial.saved is not None:  # it was tried
        return (Hint("ctrl+s", _("try again")), Hint("ctrl+o", _("keep anyway")), more, leave)
    save = Hint("ctrl+s", _("try it and add it") if form.existing is None else _("try it and keep it"))
    return (save, more, leave)


def field_of(option: OptionField, first: str, *, kept: bool = False) -> OneField | SomeLines:
    """The field of an option, with what stands in it at the beginning; `kept` where its account is there already."""
    name = f"value-{option.name}"
    if option.name == SIGNATURE:
        return SomeLines(first, id=name)
    if option.choices or option.kind == "flag":
        return OneChoice(first, option.choices or ("yes", "no"), id=name)
    field = OneField(first, id=name, password=option.kind == "secret")
    if kept and (
        option.kind == "secret" or is_program(option)
    ):  # what is kept is never shown, and an empty field would seem to take it away
        field.placeholder = _("empty: stays as it is")
    return field
