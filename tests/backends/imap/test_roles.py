"""What folders are for: by SPECIAL-USE, by their names, and never against reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from agent_tui.backends.imap.folders import FolderPlan, list_folders
from agent_tui.backends.imap.options import ImapOptions, Security
from tests.backends.imap.helpers import Mirror, make_backend
from tests.servers.scripted import Scripted, imap_answers


def listing(folders: Mapping[str, str]) -> str:
    """LIST, of folders with their flags."""
    lines = [f'* LIST ({flags}) "/" "{name}"\r\n' for name, flags in folders.items()]
    return "".join(lines) + "{tag} OK done\r\n"


async def plan_of(folders: Mapping[str, str], **options: Any) -> FolderPlan:
    """The plan of an account whose server lists these."""
    answers = {b"LIST": listing(folders)}
    with Scripted(lambda peer: imap_answers(peer, answers)) as server:
        made = ImapOptions(
            host="127.0.0.1", port=server.port, security=Security.PLAIN, user="a@example.test", **options
        )
        backend = make_backend(made, {"password": "x"})
        await backend.open()
        plan = FolderPlan(made, await list_folders(await backend._line()))
        await backend.close()
    return plan


@pytest.mark.parametrize("flag", ["\\Drafts", "\\Sent", "\\Junk", "\\Trash", "\\All", "\\Archive"])
@pytest.mark.parametrize("name", ["INBOX", "Inbox"])
async def test_the_inbox_is_one_whatever_flag_it_bears(flag: str, name: str) -> None:
    plan = await plan_of({name: flag, "Archive": "", "Trash": "", "Drafts": "", "Spam": "", "Sent": ""})
    assert plan.folder("INBOX").role == "inbox"
    assert [plan.with_role(role) for role in ("archive", "trash", "drafts", "junk", "sent")] == [
        *("Archive", "Trash", "Drafts", "Spam", "Sent")
    ]


async def test_customers_in_an_inbox_that_is_called_drafts_are_read() -> None:
    answers = {
        b"LIST": listing({"INBOX": "\\Drafts"}),
        b"UID FETCH": '* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 18 INTERNALDATE "01-Jun-2026 10:00:00 +0000"'
        " BODY[] {18}\r\nSubject: x\r\n\r\nhi\r\n)\r\n{tag} OK done\r\n",
    }
    with Scripted(lambda peer: imap_answers(peer, answers)) as server:
        options = ImapOptions(host="127.0.0.1", port=server.port, security=Security.PLAIN, user="a@example.test")
        backend, mirror = make_backend(options, {"password": "x"}), Mirror()
        await mirror.pull(backend)
        await backend.close()
    assert [mail.role for mail in mirror.mails.values()] == ["inbox"]


async def test_a_flag_counts_more_than_a_name() -> None:
    plan = await plan_of({"INBOX": "", "Sent": "", "Postausgang": "\\Sent"})
    assert (plan.sent, plan.folder("Sent").role) == ("Postausgang", "other")


async def test_of_several_with_a_flag_the_ones_whose_names_agree_bear_it() -> None:
    """Dovecot's own example gives two folders `Sent`; the third one is a mistake."""
    plan = await plan_of({"INBOX": "", "Orders": "\\Sent", "Sent Messages": "\\Sent", "Sent": "\\Sent"})
    assert plan.sent == "Sent"
    roles = [plan.folder(name).role for name in ("Orders", "Sent Messages", "Sent")]
    assert roles == ["other", "sent", "sent"]


async def test_of_several_with_a_flag_and_names_that_say_nothing_all_bear_it() -> None:
    plan = await plan_of({"INBOX": "", "Abgelegt/Alt": "\\Archive", "Abgelegt": "\\Archive"})
    assert plan.with_role("archive") == "Abgelegt"
    assert plan.folder("Abgelegt/Alt").role == "archive"


@pytest.mark.parametrize(("name", "role"), [("Trash", "trash"), ("Sent", "sent"), ("Orders", "other")])
async def test_flags_that_contradict_one_another_are_settled_by_the_name_alone(name: str, role: str) -> None:
    assert (await plan_of({"INBOX": "", name: "\\Trash \\Junk"})).folder(name).role == role


async def test_what_holds_all_mail_is_the_archive_only_where_there_is_no_other() -> None:
    with_both = await plan_of({"INBOX": "", "All": "\\All", "Abgelegtes": "\\Archive"})
    assert with_both.with_role("archive") == "Abgelegtes"
    assert with_both.folder("All").role == "archive"
    assert (await plan_of({"INBOX": "", "All": "\\All"})).with_role("archive") == "All"


async def test_no_option_makes_another_folder_of_the_inbox() -> None:
    plan = await plan_of({"INBOX": ""}, sent_folder="INBOX", archive_folder="INBOX")
    assert plan.folder("INBOX").role == "inbox"
