"""Where a secret that is typed into a form goes: said in a sentence, with a passphrase asked for where one is wanted."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from agent_tui.desk.accounts import DoorState, DoorWay
from agent_tui.screens.form_parts import FormLabel, FormNote
from agent_tui.widgets.composer_fields import OneField
from agent_tui.words import _

SHORTEST = 8
"""Signs of a new passphrase."""


class SecretsPart(Vertical):
    """The sentence and the fields of a passphrase. Nothing stands here until it is known where secrets go."""

    DEFAULT_CSS = """
    SecretsPart { height: auto; display: none; background: $ground; }
    SecretsPart > Horizontal { height: 1; display: none; }
    """

    def __init__(self, labels: int, *, id: str) -> None:
        super().__init__(id=id)
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
        "{why}, so the secret goes into an encrypted file: choose its passphrase. Or type !command above, a program"
        " that prints the secret, as !pass show mail."
    ).format(why=why)


def is_command(secret: str) -> bool:
    """It names a program that prints the secret."""
    return secret.startswith("!") and len(secret) > 1
