"""The accounts: how each is, and adding, mending, removing one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent_tui import ages, sentences
from agent_tui.desk.accounts import Accounts
from agent_tui.desk.workspace import Desk
from agent_tui.domain.account import Account, AccountHealth
from agent_tui.screens.live_sheet import LiveSheet
from agent_tui.widgets import labels
from agent_tui.widgets.cells import fit, in_cell
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _, grouped

NAME, ROAD = 28, 6


def health_word(health: AccountHealth | None, account: Account) -> tuple[str, str]:
    """How an account is, and the role of the word."""
    if account.offline:
        return _("imported files"), "faint"
    if health is None:
        return _("not tried yet"), "faint"
    return labels.health(health.health)


class AccountsSheet(LiveSheet):
    """Gives back ("add", None), ("edit", id) or ("remove", id)."""

    def __init__(self, accounts: Accounts, desk: Desk, title: str) -> None:
        self.accounts = accounts
        super().__init__(title, desk)

    def read(self) -> list[SheetLine]:
        """One account, how it is, and why."""
        lines: list[SheetLine] = []
        health = self.accounts.health()
        for account in self.desk.accounts():
            state = health.get(account.id)
            word, role = health_word(state, account)
            head = f"{fit(in_cell(account.label), NAME)}{fit(labels.channel(account.channel), ROAD)}{word}"
            lines.append(SheetLine(head, right=account.id, role=role, value=account.id))
            lines += [SheetLine(said, role="quiet", flows=True, indent=2) for said in self.about(state)]
        return lines or [SheetLine(_("No account yet. Press a to add one."), role="quiet")]

    def about(self, state: AccountHealth | None) -> list[str]:
        """What is wrong, when it is tried again, how much history is here."""
        if state is None:
            return []
        said = [sentences.fault(state.fault, way=" (e)")] if state.fault else []
        if state.next_try_at:
            said.append(_("Next try {time}.").format(time=ages.next_try(state.next_try_at, self.desk.now())))
        if state.history_total and state.history_done < state.history_total:
            said.append(
                _("Older messages: {done} of {all}.").format(
                    done=grouped(state.history_done), all=grouped(state.history_total)
                )
            )
        return said

    def keys_here(self) -> Sequence[tuple[str, str, Callable[[], object]]]:
        """Add one; mend or remove the one under the cursor."""
        add: list[tuple[str, str, Callable[[], object]]] = [("a", _("add"), lambda: self.dismiss(("add", None)))]
        here = self.here
        if isinstance(here, str):
            add.append(("e", _("change, password"), lambda: self.dismiss(("edit", here))))
            add.append(("d", _("remove"), lambda: self.dismiss(("remove", here))))
            add.append(("r", _("look now"), lambda: self.do(self.accounts.pull_now(here))))
        return add

    def choose(self, index: int) -> None:
        """Enter changes it."""
        if isinstance(self.here, str):
            self.dismiss(("edit", self.here))
