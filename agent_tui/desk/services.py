"""The desk's services, gathered once. What a screen needs of them it is handed."""

from __future__ import annotations

from dataclasses import dataclass

from agent_tui.desk.accounts import Accounts, ForgetSecrets, KeepSecret
from agent_tui.desk.actions import Actions
from agent_tui.desk.compose import Composer
from agent_tui.desk.conversation import Conversations
from agent_tui.desk.drafts import Drafts
from agent_tui.desk.inbox import Inbox
from agent_tui.desk.search import Search
from agent_tui.desk.sending import Sending
from agent_tui.desk.workspace import Desk


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an agent can do."""

    desk: Desk
    inbox: Inbox
    conversations: Conversations
    actions: Actions
    composer: Composer
    drafts: Drafts
    sending: Sending
    search: Search
    accounts: Accounts


def services(desk: Desk, keep_secret: KeepSecret, forget_secrets: ForgetSecrets) -> Services:
    """Services of a desk; secrets are kept and forgotten by what is handed in."""
    drafts = Drafts(desk)
    return Services(
        desk=desk,
        inbox=Inbox(desk.reads, desk.agent),
        conversations=Conversations(desk),
        actions=Actions(desk),
        composer=Composer(desk, drafts),
        drafts=drafts,
        sending=Sending(desk, drafts),
        search=Search(desk),
        accounts=Accounts(desk, keep_secret, forget_secrets),
    )
