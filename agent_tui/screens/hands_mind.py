"""Minding: the outbox, what the program did, what could not be read, the accounts, and the first start."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agent_tui import sentences
from agent_tui.desk.accounts import Accounts, Door, ForgetSecrets, KeepSecret, SecretNotKept
from agent_tui.desk.plain import StoreError
from agent_tui.domain.account import Account, BackendInfo
from agent_tui.domain.outbox import OutboxItem
from agent_tui.screens.account_form import AccountForm
from agent_tui.screens.accounts import AccountsSheet
from agent_tui.screens.logs import ActivitySheet, SetAsideSheet
from agent_tui.screens.options import DEMO
from agent_tui.screens.outbox import OutboxSheet
from agent_tui.screens.sheet import Picker, Question, Sheet
from agent_tui.screens.welcome import Welcome
from agent_tui.widgets import labels
from agent_tui.widgets.cells import in_cell
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen, Hand

KNOWN_WITHIN, LOOK_EVERY = 15.0, 0.2
"""Seconds that a worker just started has to tell what it can talk to, and between two looks."""


def _no_keeper(account: str, option: str, secret: str) -> None:
    raise SecretNotKept("no_keyring")


def _nothing_kept(account: str) -> None:
    return


class Minding:
    """Hands that look after things."""

    def __init__(
        self,
        screen: DeskScreen,
        keep: KeepSecret = _no_keeper,
        forget: ForgetSecrets = _nothing_kept,
        door: Door | None = None,
    ) -> None:
        self.screen = screen
        self.accounts = Accounts(screen.desk, keep, forget, door)

    def hands(self) -> dict[str, Hand]:
        """By command."""
        return {
            "go.outbox": lambda count: self.outbox(),
            "go.activity": lambda count: self.screen.app.push_screen(
                ActivitySheet(_("What the program did"), self.screen.desk)
            ),
            "go.set_aside": lambda count: self.screen.app.push_screen(
                SetAsideSheet(_("Messages that could not be read"), self.screen.desk)
            ),
            "go.accounts": lambda count: self.list_accounts(),
        }

    def outbox(self) -> None:
        """What is on its way."""

        def chosen(value: object | None) -> None:
            if not isinstance(value, tuple):
                return
            what, which = value
            if what == "draft":
                self.screen.answering.resume_by_id(which)
            elif what == "again" and isinstance(which, OutboxItem):
                self.screen.answering.beginning.again_of(which)
            elif what == "open" and isinstance(which, int):
                self.screen.open(which)

        self.screen.app.push_screen(OutboxSheet(self.screen.answering.sending, _("Outbox")), chosen)

    # accounts

    def list_accounts(self) -> None:
        """All accounts."""

        def chosen(value: object | None) -> None:
            if not isinstance(value, tuple):
                return
            what, which = value
            account = self.screen.desk.account(which) if which else None
            if what == "add":
                self.add()
            elif what == "edit" and account is not None:
                self.edit(account)
            elif what == "remove" and account is not None:
                self.remove(account)

        self.screen.app.push_screen(AccountsSheet(self.accounts, self.screen.desk, _("Accounts")), chosen)

    def add(self) -> None:
        """Choose what it is of, where there is a choice."""
        usable = [info for info in self.accounts.backends() if not info.broken and info.name != "demo"]
        if not usable:
            self.screen.run_worker(self._add_once_known(), group="adding", exclusive=True, exit_on_error=False)
            return
        if len(usable) == 1:
            self._form(usable[0])
            return
        lines = [
            SheetLine(
                in_cell(info.title),
                key=str(number),
                right=f"{labels.channel(info.channel)}  {labels.proof(info.proof)}",
                value=info,
            )
            for number, info in enumerate(usable[:9], 1)
        ]

        def chosen(value: object | None) -> None:
            if isinstance(value, BackendInfo):
                self._form(value)
            else:
                self._begin_again()

        self.screen.app.push_screen(Picker(_("Add an account"), lines), chosen)

    async def _add_once_known(self) -> None:
        """Just after the first start the worker has not told yet what it can talk to: wait for it, and go on."""
        self.screen.bars.say(_("The part that talks to servers is starting …"))
        for _turn in range(round(KNOWN_WITHIN / LOOK_EVERY)):
            await asyncio.sleep(LOOK_EVERY)
            if any(not info.broken and info.name != "demo" for info in self.accounts.backends()):
                self.screen.bars.quiet()
                if self.screen.app.screen is self.screen:
                    self.add()
                return
        self.screen.bars.say(
            _("The part that talks to servers does not start; `agent-tui doctor` says why."), role="late"
        )

    def edit(self, account: Account) -> None:
        """Change it; a secret that is left empty stays as it is."""
        backend = next((info for info in self.accounts.backends() if info.name == account.backend), None)
        if backend is None:
            self.screen.bars.say(_("The kind of this account is not known here."), role="late")
        else:
            self._form(backend, account)

    def _form(self, backend: BackendInfo, existing: Account | None = None) -> None:
        form = AccountForm(self.accounts, backend, existing)

        def done(account: str | None) -> None:
            if account is None:
                self._begin_again()
                return
            self.screen.absorb()
            words = _("{account} is connected.") if form.works else _("{account} is kept; it is not connected yet.")
            self.screen.bars.say(words.format(account=account))

        self.screen.app.push_screen(form, done)

    def remove(self, account: Account) -> None:
        """Says what stays before it does it."""

        def chosen(value: object | None) -> None:
            if value is True:
                self.screen.run_worker(self._remove(account), group="account", exit_on_error=False)

        label = in_cell(account.label)
        title = _("Remove {account}").format(account=label)
        yes = _("Remove it and forget its password; its messages stay here")
        self.screen.app.push_screen(Question(title, yes, _("Leave it"), (label,)), chosen)

    async def _remove(self, account: Account) -> None:
        try:
            await self.accounts.remove(account.id)
        except (SecretNotKept, StoreError) as error:
            self.screen.bars.say(sentences.error(error.code, error.parameters), role="late")
        else:
            self.screen.absorb()
            self.screen.bars.say(_("Removed {account}; its messages stay.").format(account=in_cell(account.label)))

    # the first start

    def welcome(self) -> None:
        """Ways to begin."""

        def chosen(value: str | None) -> None:
            if value == "demo":
                self.screen.app.exit(return_code=DEMO)
            elif value == "add":
                self.add()
            elif value == "import":
                sheet = Sheet(_("Import mail from files"), _import_lines())
                self.screen.app.push_screen(sheet, lambda _nothing: self._begin_again())
            elif value == "help":
                self.screen.run_command("help")

        self.screen.app.push_screen(Welcome(self.screen.strokes.keymap.key_of("go.accounts")), chosen)
        self.screen.welcoming = False

    def _begin_again(self) -> None:
        """Where nothing was chosen and there is still no account, the other ways to begin stand there."""
        if not self.screen.desk.accounts():
            self.welcome()


def _import_lines() -> list[SheetLine]:
    return [
        SheetLine(_("Maildir, mbox and .eml are read by the command line:"), flows=True),
        SheetLine(),
        SheetLine("  agent-tui import PATH…", role="accent"),
        SheetLine(),
        SheetLine(_("What was imported shows here as soon as it is read."), role="quiet", flows=True),
    ]
