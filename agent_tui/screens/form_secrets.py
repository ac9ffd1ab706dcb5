"""Where a secret that is typed into a form goes: said in a sentence, with a passphrase asked for where one is wanted."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from agent_tui.desk.accounts import AccountDraft, Accounts, DoorState, DoorWay, FieldFault
from agent_tui.domain.account import OptionField
from agent_tui.screens.form_parts import FormLabel, FormNote
from agent_tui.widgets.composer_fields import OneField
from agent_tui.words import N_, _

SHORTEST = 8
"""Signs of a new passphrase."""
PROGRAM = "-program"
"""Ends the name of a field that holds no secret but the program that prints it. What stands in the hidden field is
always the secret itself: no sign that it begins with makes anything else of it."""


class SecretsPart(Vertical):
    """The sentence and the fields of a passphrase. Nothing stands here until it is known where secrets go."""

    DEFAULT_CSS = """
    SecretsPart { height: auto; display: none; background: $ground; }
    SecretsPart > Horizontal { height: 1; display: none; }
    """

    def __init__(self, labels: int, accounts: Accounts, account: str, *, id: str) -> None:
        super().__init__(id=id)
        self._accounts, self._account = accounts, account
        self._labels = labels
        """Cells of the words before the fields: those of the form."""
        self.state: DoorState | None = None
        self.wrong = ""
        """What kept the passphrase from being used, until another one is typed."""
        self._note = FormNote(id="keeping-note")
        self._first = OneField(id="value-passphrase", password=True)
        self._again = OneField(id="value-passphrase-again", password=True)

    def compose(self) -> ComposeResult:
        """The sentence, and two fields."""
        yield self._note
        for name, title, field in (
            ("passphrase", _("Passphrase"), self._first),
            ("passphrase-again", _("Passphrase again"), self._again),
        ):
            with Horizontal(id=f"row-{name}"):
                yield FormLabel(title, self._labels, id=f"label-{name}")
                yield field

    async def look(self, refused: str = "") -> None:
        """Find out where secrets go: it is said, and a passphrase is asked for where one is wanted."""
        self.state = None
        self.show(await self._accounts.look_at_door(self._account, refused))

    def show(self, state: DoorState | None) -> None:
        """What a look found."""
        self.state = state
        self.display = state is not None
        if state is None:
            return
        self._note.say(way_words(state), "quiet")
        self.query_one("#row-passphrase").display = state.wants_passphrase
        self.query_one("#row-passphrase-again").display = state.way is DoorWay.NEW
        if not state.wants_passphrase:  # it has done its work: no longer needed than that
            self._first.value = self._again.value = ""

    @property
    def passphrase(self) -> str:
        """What was typed."""
        return self._first.value

    def fields(self) -> list[OneField]:
        """Those that show."""
        if self.state is None or not self.state.wants_passphrase:
            return []
        return [self._first, self._again] if self.state.way is DoorWay.NEW else [self._first]

    def help(self) -> str:
        """What the passphrase is for."""
        if self.state is not None and self.state.way is DoorWay.NEW:
            return _(
                "You type it when the desk opens; nobody can restore it. Eight signs at least; four words are better."
            )
        return _("The passphrase of the encrypted file of secrets.")

    def fault(self) -> str:
        """What keeps the passphrase from being used, as a sentence; empty where nothing does."""
        new = self.state is not None and self.state.way is DoorWay.NEW
        if not self.passphrase:
            return _("Choose a passphrase first.") if new else _("Type the passphrase first.")
        if new and len(self.passphrase) < SHORTEST:
            return _("Eight characters at least; four words are better.")
        if new and self._again.value != self.passphrase:
            return _("The two passphrases differ.")
        return ""


def way_words(state: DoorState) -> str:
    """Where the secret goes, in a sentence, and what it takes the place of."""
    if not state.variables:
        return _way_words(state)
    so_far = _("So far it comes from {names} of the environment; what you type here takes its place.")
    return f"{_way_words(state)} {so_far.format(names=', '.join(state.variables))}"


def _way_words(state: DoorState) -> str:
    if state.way is DoorWay.KEYRING:
        return _("The secret goes into the keyring of this machine.")
    if state.way is DoorWay.OPEN:
        return _("The secret goes into the encrypted file, which is open.")
    if state.way is DoorWay.CLOSED:
        return _("Secrets are in the encrypted file, which is closed; its passphrase opens it.")
    why = {
        "no_keyring": _("This machine has no keyring"),
        "keyring_locked": _("The keyring is locked"),
        "keyring_hangs": _("The keyring does not answer"),
        "keyring_failed": _("The keyring cannot be used"),
    }.get(state.reason, _("The settings say so"))
    return _(
        "{why}, so the secret goes into an encrypted file: choose its passphrase. Or leave the secret empty and name a"
        " program that prints it, as pass show mail."
    ).format(why=why)


def with_programs(options: Sequence[OptionField]) -> list[OptionField]:
    """The options of a form: behind each secret a field for a program that prints it."""
    found: list[OptionField] = []
    for option in options:
        found.append(option)
        if option.kind == "secret":
            name, title = option.name + PROGRAM, N_("Or a program that prints it")
            program = OptionField(name, title, N_("As pass show mail"), "text", when=option.when, asked=option.asked)
            found.append(program)
    return found


def is_program(option: OptionField) -> bool:
    """Its field holds the program that prints a secret."""
    return option.name.endswith(PROGRAM)


def read_programs(draft: AccountDraft, options: Sequence[OptionField], values: Mapping[str, str]) -> AccountDraft:
    """What a form says, with the programs that print its secrets."""
    programs, faults = dict[str, str](), list(draft.faults)
    for option in options:
        command = values[option.name].strip() if is_program(option) else ""
        if not command:
            continue
        name = option.name.removesuffix(PROGRAM)
        faults = [fault for fault in faults if (fault.name, fault.code) != (name, "required")]
        if name in draft.secrets:
            faults.append(FieldFault(option.name, "secret_too"))
        elif not _is_command(command):
            faults.append(FieldFault(option.name, "no_command"))
        programs[name] = command
    return replace(draft, programs=programs, faults=tuple(faults))


def program_fault(fault: FieldFault) -> str:
    """What is wrong with a program, as a sentence; empty where the fault is another."""
    return {
        "secret_too": _("Either the secret itself or a program that prints it: empty one of the two."),
        "no_command": _("This is no command: a quotation mark or a backslash stands alone."),
    }.get(fault.code, "")


def _is_command(typed: str) -> bool:
    try:
        return bool(shlex.split(typed))
    except ValueError:
        return False
