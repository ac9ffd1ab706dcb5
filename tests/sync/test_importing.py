"""Mails out of files: every shape of mbox, Maildirs, single files, and what is none of these."""

from __future__ import annotations

import os
import signal
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_tui.domain.account import Account
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Direction
from agent_tui.store.open import open_worker
from agent_tui.store.ports import WorkerStore
from agent_tui.sync import mail_files
from agent_tui.sync.importing import Imported, import_files
from agent_tui.sync.mail_files import DEEPEST, FoundMail, count_mails, find_mails, role_of
from tests.sync.workspace import Workspace, mail, safe

FROM = b"From ann@a.test Mon Jun  1 10:00:00 2026\n"


def one(text: str = "Text", **headers: str) -> bytes:
    return mail(text=text, **headers).replace(b"\r\n", b"\n")


def found(path: Path) -> list[FoundMail]:
    return list(find_mails([path]))


def write(path: Path, *parts: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(parts))
    return path


# mbox


def test_an_mbox_gives_its_mails(tmp_path: Path) -> None:
    path = write(tmp_path / "box", FROM, one("first"), b"\n", FROM, one("second"), b"\n")
    first, second = found(path)
    assert (first.path, second.path) == (f"{path}:1", f"{path}:2")
    assert first.raw.startswith(b"From: ann@customer.test")
    assert first.raw.endswith(b"first\n")
    assert b"second" in second.raw


@pytest.mark.parametrize("behind", ["", "\nI never agreed.\n", "\n\nI never agreed.\n", "\r\n"])
def test_a_line_of_text_that_begins_like_a_mail_is_text(tmp_path: Path, behind: str) -> None:
    line = "From now on I cancel everything, as of 2026"
    (only,) = found(write(tmp_path / "box", FROM, one(f"hello\n\n{line}{behind}")))
    assert f"hello\n\n{line}{behind}".encode().rstrip() in only.raw


def test_quoted_from_lines_are_unquoted_once(tmp_path: Path) -> None:
    body = ">From here on\n>>From there\n> From quoted\n"
    (only,) = found(write(tmp_path / "box", FROM, one(body), b"\n"))
    assert b"\nFrom here on\n>From there\n> From quoted\n" in only.raw


@pytest.mark.parametrize(
    "line",
    [
        "\nFrom now on all is well in 2026\nand no header follows\n",
        "From ann@a.test Mon Jun  1 10:00:00 2026\nSubject: no empty line before\n",
        "\nFrom 2026\n",
    ],
)
def test_a_from_in_a_text_does_not_cut_it(tmp_path: Path, line: str) -> None:
    (only,) = found(write(tmp_path / "box", FROM, one("before\n" + line + "after"), b"\n"))
    assert b"after" in only.raw


def test_windows_lines(tmp_path: Path) -> None:
    box = (FROM + one("first") + b"\n" + FROM + one("second") + b"\n").replace(b"\n", b"\r\n")
    assert [b"first" in m.raw or b"second" in m.raw for m in found(write(tmp_path / "box", box))] == [True, True]


def test_status_lines_tell_what_was_read(tmp_path: Path) -> None:
    parts = [
        FROM + one(Status=status, X_Status=more) + b"\n"
        for status, more in [("RO", "A"), ("O", ""), ("", ""), ("R", "")]
    ]
    mails = found(write(tmp_path / "box", *parts))
    assert [(m.seen, m.answered) for m in mails] == [(True, True), (False, False), (True, False), (True, False)]


def test_a_mail_that_begins_like_an_mbox_is_one_mail(tmp_path: Path) -> None:
    (only,) = found(write(tmp_path / "a.eml", FROM, one("alone")))
    assert b"alone" in only.raw


def test_an_mbox_is_not_read_into_memory_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_files, "SIZE_CAP", 10_000)
    path = write(
        tmp_path / "box", FROM, one("x" * 70 + "\n") * 1, b"y" * 79 + b"\n", b"z\n" * 20_000, b"\n", FROM, one("last")
    )
    big, last = found(path)
    assert (big.fault, big.size > 40_000) == ("too_large", True)
    assert b"last" in last.raw


# Maildir and files


@pytest.mark.parametrize("middle", ["one line", "empty lines"])
def test_an_mbox_of_one_endless_line_is_no_more_than_one_mail_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, middle: str
) -> None:
    monkeypatch.setattr(mail_files, "SIZE_CAP", 1 << 20)
    path = write(tmp_path / "long.mbox", FROM, one("First"), b"\n", FROM, one("Second"))
    if middle == "one line":
        os.truncate(path, 200 << 20)  # a hole: it takes no place on the disk
    with path.open("ab") as file:
        file.write(b"\n" * (3 << 19) + FROM + one("Third"))
    tracemalloc.start()
    try:
        mails = found(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [mail.fault for mail in mails] == ["", "too_large", ""]
    assert b"Third" in mails[2].raw
    assert mails[1].size > 3 << 19
    assert peak < 6 << 20


def test_a_separator_is_sought_at_the_beginning_of_a_line_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are read in pieces, and a piece is none."""
    monkeypatch.setattr(mail_files, "_LINE_CAP", 64)
    text = "x" * 64 + "\n" + "y" * 64 + FROM.decode() + "Subject: no\n\nnot another\n"
    path = write(tmp_path / "pieces.mbox", FROM, one(text), b"\n", FROM, one("Second"))
    first, second = found(path)
    assert text.encode() in first.raw
    assert b"Second" in second.raw


def test_a_maildir_with_its_folders(tmp_path: Path) -> None:
    for folder in ("", ".Sent", ".Junk", ".Drafts"):
        for name in ("cur", "new", "tmp"):
            (tmp_path / folder / name).mkdir(parents=True)
    write(tmp_path / "cur" / "1:2,S", mail(text="read"))
    write(tmp_path / "cur" / "2:2,", mail(text="unread"))
    write(tmp_path / "new" / "3", mail(text="new"))
    write(tmp_path / "tmp" / "4", mail(text="half written"))
    write(tmp_path / "dovecot.index", b"\0\1\2")
    write(tmp_path / ".Sent" / "cur" / "5:2,RS", mail(text="sent"))
    write(tmp_path / ".Junk" / "cur" / "6:2,", mail(text="junk"))
    mails = {m.raw.rpartition(b"\r\n\r\n")[2].strip().decode(): m for m in found(tmp_path)}
    assert {name: (m.seen, m.role) for name, m in mails.items()} == {
        "read": (True, "inbox"),
        "unread": (False, "inbox"),
        "new": (False, "inbox"),
        "sent": (True, "sent"),
        "junk": (False, "junk"),
    }
    assert mails["sent"].answered


@pytest.mark.parametrize(
    ("name", "role"),
    [(".Sent", "sent"), ("Sent.mbox", "sent"), ("[Gmail].Sent Mail", "sent"), ("Spam", "junk"), ("Kunden", "inbox")],
)
def test_names_of_folders(name: str, role: str) -> None:
    assert role_of(name) == role


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    write(tmp_path / "good.eml", mail())
    mails = {Path(m.path).name: m.fault for m in found(tmp_path)}
    assert mails == {"loop": "unreadable_file", "pipe": "unreadable_file", "good.eml": ""}
    assert [m.fault for m in find_mails([tmp_path / "absent"])] == ["unreadable_file"]


def test_a_link_to_a_folder_elsewhere_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "secret.eml", mail())
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "link").symlink_to(tmp_path / "elsewhere")
    assert [m.fault for m in found(tmp_path / "box")] in ([], ["unreadable_file"])


@pytest.mark.parametrize("folder", [".", "cur"])
def test_only_files_are_read_and_the_rest_is_set_aside(tmp_path: Path, folder: str) -> None:
    """A pipe would be waited for, a device has no end, and a link may lead to what is not mail."""
    secret = write(tmp_path / "elsewhere.eml", mail())
    box = tmp_path / "box"
    for name in ("cur", "new", "tmp") if folder == "cur" else (".",):
        (box / name).mkdir(parents=True)
    here = box / folder
    os.mkfifo(here / "a-pipe.eml")
    (here / "b-device.eml").symlink_to("/dev/zero")
    (here / "c-link.eml").symlink_to(secret)
    (here / "d-loop.eml").symlink_to(here / "d-loop.eml")
    write(here / "z.eml", mail())
    waiting = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it waits for a pipe"))
    signal.alarm(20)
    try:
        told = {Path(m.path).name: (m.fault, m.detail, m.raw == b"") for m in found(box)}
        count_mails([box])
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, waiting)
    aside = {"a-pipe.eml": "not a file", "b-device.eml": "a link", "c-link.eml": "a link", "d-loop.eml": "a link"}
    assert told == {name: ("unreadable_file", detail, True) for name, detail in aside.items()} | {
        "z.eml": ("", "", False)
    }


def test_a_link_that_a_person_names_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "true.eml", mail())
    (tmp_path / "link.eml").symlink_to(tmp_path / "true.eml")
    assert [m.fault for m in find_mails([tmp_path / "link.eml"])] == [""]


def test_folders_within_folders_end_somewhere(tmp_path: Path) -> None:
    """They are anybody's to make, as by unpacking what was sent; what lies beside them comes all the same."""
    box = tmp_path / "box"
    box.mkdir()
    write(box / "0.eml", mail())
    handle = os.open(box, os.O_RDONLY)
    for _ in range(1900):
        os.mkdir("d", dir_fd=handle)
        inner = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(handle)
    (box / "d" / "again").symlink_to(box)
    write(box / "d" / "d" / "1.eml", mail())
    try:
        whole, aside = [m for m in found(box) if not m.fault], [m for m in found(box) if m.fault]
        assert [Path(m.path).name for m in whole] == ["0.eml", "1.eml"]
        assert [(m.path, m.fault) for m in aside] == [(str(box) + "/d" * (DEEPEST + 1), "unreadable_file")]
        assert aside[0].detail == "more than 200 folders deep"
        assert count_mails([box]) == 2
    finally:
        _take_down(box)


def _take_down(box: Path) -> None:
    """What removes folders after a test calls itself for each."""
    deepest = str(box)
    while os.path.isdir(f"{deepest}/d"):
        deepest += "/d"
    while deepest != str(box):
        for name in os.listdir(deepest):
            os.unlink(f"{deepest}/{name}")
        os.rmdir(deepest)
        deepest = deepest.removesuffix("/d")


def test_counting_for_a_progress_line(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path / f"{number}.eml", mail())
    assert count_mails([tmp_path]) == 5


# Into the store


@pytest.fixture
def store(workspace: Workspace) -> Iterator[WorkerStore]:
    opened = open_worker(workspace.locations.data)
    yield opened
    opened.close()


def take(store: WorkerStore, *paths: Path) -> list[Imported]:
    return list(import_files(store, paths))


def test_a_second_import_brings_nothing_new(workspace: Workspace, store: WorkerStore, tmp_path: Path) -> None:
    path = write(tmp_path / "box", *[FROM + one(f"{n}") + b"\n" for n in range(120)])
    first = take(store, path)
    assert {r.result for r in first} == {"imported"}
    assert len(workspace.all_messages()) == 120
    second = take(store, path)
    assert {r.result for r in second} == {"duplicate"}
    assert [r.message for r in second] == [r.message for r in first]


def test_results_come_while_it_goes_on(store: WorkerStore, tmp_path: Path) -> None:
    path = write(tmp_path / "box", *[FROM + one(f"{n}") + b"\n" for n in range(400)])
    results = import_files(store, [path])
    assert next(results).result == "imported"
    results.close()  # type: ignore[attr-defined]
    assert len(take(store, path)) == 400


def test_sent_mail_of_a_maildir_is_ours(workspace: Workspace, store: WorkerStore, tmp_path: Path) -> None:
    for folder in ("", ".Sent"):
        for name in ("cur", "new", "tmp"):
            (tmp_path / folder / name).mkdir(parents=True)
    write(
        tmp_path / "cur" / "1:2,S",
        mail("ann@a.test", Message_ID="<q@a>", Received="x; Mon, 01 Jun 2026 09:00:00 +0000"),
    )
    write(tmp_path / ".Sent" / "cur" / "2:2,S", mail("old@us.test", "ann@a.test", In_Reply_To="<q@a>"))
    take(store, tmp_path)
    (row,) = workspace.rows()
    assert row.status is Status.WAITING
    assert [m.direction for m in workspace.messages(row.id)] == [Direction.IN, Direction.OUT]


def test_the_real_account_takes_imported_mail_over(workspace: Workspace, store: WorkerStore, tmp_path: Path) -> None:
    from agent_tui.backends.api import MailArrived, RemoteCopy
    from agent_tui.domain.times import now
    from agent_tui.sync.incoming import IngestAccount, Outcome
    from agent_tui.sync.ingest import Ingestor
    from agent_tui.sync.parse import ParserTeam

    raw = mail("ann@a.test", Message_ID="<q@a>")
    take(store, write(tmp_path / "a.eml", raw))
    real = Account("mail", "imap", safe("Mail"), Channel.EMAIL, {}, own_addresses=(safe("support@example.test"),))
    workspace.writes.put_account(real)
    team = ParserTeam(size=1)
    ingestor = Ingestor(store, team)
    account = IngestAccount.of(real, ["support@example.test"])
    answer = mail("ann@a.test", In_Reply_To="<q@a>")
    changes = [
        MailArrived(raw, now(), RemoteCopy("INBOX", 1, 1)),
        MailArrived(answer, now(), RemoteCopy("INBOX", 1, 2)),
    ]
    results = ingestor.commit(account, ingestor.prepare(changes))
    team.close()
    ingestor.close()
    assert [r.outcome for r in results] == [Outcome.DUPLICATE, Outcome.IMPORTED]
    (row,) = workspace.rows()
    assert len(workspace.messages(row.id)) == 2
    conversation = workspace.reads.conversation(row.id)
    assert conversation is not None
    assert conversation.account == "mail"


def test_the_real_account_takes_over_also_by_another_copy_of_the_letter(
    workspace: Workspace, store: WorkerStore, tmp_path: Path
) -> None:
    from agent_tui.backends.api import MailArrived, RemoteCopy
    from agent_tui.domain.times import now
    from agent_tui.sync.incoming import IngestAccount, Outcome
    from agent_tui.sync.ingest import Ingestor
    from agent_tui.sync.parse import ParserTeam

    letter = mail("ann@a.test", Message_ID="<q@a>")
    raws = [f"Delivered-To: {name}@example.test\r\n".encode() + letter for name in ("support", "sales", "help")]
    for n, raw in enumerate(raws[:2]):
        write(tmp_path / "box" / f"{n}.eml", raw)
    assert [r.result for r in take(store, tmp_path / "box")] == ["imported", "duplicate"]
    real = Account("mail", "imap", safe("Mail"), Channel.EMAIL, {}, own_addresses=(safe("support@example.test"),))
    workspace.writes.put_account(real)
    team = ParserTeam(size=1)
    ingestor = Ingestor(store, team)
    changes = [MailArrived(raw, now(), RemoteCopy("INBOX", 1, uid)) for uid, raw in enumerate(reversed(raws), 1)]
    results = ingestor.commit(IngestAccount.of(real, ["support@example.test"]), ingestor.prepare(changes))
    team.close()
    ingestor.close()
    assert [r.outcome for r in results] == [Outcome.DUPLICATE] * 3
    (message,) = workspace.all_messages()
    assert message.account == "mail"


def test_a_poisonous_one_between_two_good_ones(workspace: Workspace, store: WorkerStore, tmp_path: Path) -> None:
    write(tmp_path / "box" / "1.eml", mail(text="first"))
    write(tmp_path / "box" / "2.eml", b"\0" * 3000)
    write(tmp_path / "box" / "3.eml", b"")
    write(tmp_path / "box" / "4.eml", mail(text="last"))
    results = take(store, tmp_path / "box")
    assert [r.result for r in results] == ["imported", "set_aside", "set_aside", "imported"]
    assert all(r.reason for r in results if r.result == "set_aside")
    assert len(workspace.reads.set_aside()) == 2


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("README.md", b"# Mails\n\nFrom the list.\n", "not_a_mail"),
        ("LICENSE", b"MIT License\n\nCopyright: somebody\n", "not_a_mail"),
        ("part.html", b"<html>\n<p>Hello</p>\n", "not_a_mail"),
        ("words.eml", b"nothing of a mail\n", "not_a_mail"),
        ("odd.eml", b"Odd-Header: 1\n\nHello\n", ""),
        ("nameless", b"\n\nSubject: Hello\n\nText\n", ""),
        ("stray", b"From somebody\nTo: us@a.test\n\nText\n", ""),
    ],
)
def test_what_has_no_header_is_no_mail(tmp_path: Path, name: str, content: bytes, fault: str) -> None:
    assert [one.fault for one in found(write(tmp_path / "folder" / name, content).parent)] == [fault]


def test_what_lies_in_a_maildir_is_a_mail(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
    write(tmp_path / "cur" / "1.x:2,S", b"nothing of a mail\n")
    assert [one.fault for one in found(tmp_path)] == [""]


# Our own answers among what is imported

DELIVERED = "from evil.test by mx.example.test; Mon, 01 Jun 2026 10:00:00 +0000"


def put_mailbox(store: WorkerStore) -> None:
    """Another account of the workspace, which says that the address of the support is ours."""
    address = safe("support@example.test")
    store.put_account(
        Account("shop", "imap", safe("Shop"), Channel.EMAIL, {"host": "mx.example.test"}, own_addresses=(address,))
    )


def talk(number: int) -> bytes:
    """Mail of a talk: of the customer where even, ours where odd."""
    ids = [f"<{n}@x>" for n in range(number + 1)]
    people = ("ann@customer.test", "support@example.test")
    names = {"Message_ID": ids[-1], "References": " ".join(ids[:-1]), "In_Reply_To": ids[-2] if number else ""}
    at = f"Mon, 01 Jun 2026 10:{number:02}:00 +0000"
    sender, receiver = people if number % 2 == 0 else people[::-1]
    return mail(sender, receiver, text=f"{number}", Date=at, **names)


@pytest.mark.parametrize("shape", ["files", "mbox"])
@pytest.mark.parametrize("told", ["before", "after"])
def test_a_talk_that_is_imported_is_one_conversation(
    workspace: Workspace, store: WorkerStore, tmp_path: Path, shape: str, told: str
) -> None:
    folder = tmp_path / "thread"
    if shape == "files":
        for n in range(10):
            write(folder / f"{n}.eml", talk(n))
    else:
        lines = [FROM + talk(n).replace(b"\r\n", b"\n") + b"\n" for n in range(10)]
        write(folder / "thread.mbox", *lines)
    if told == "before":
        put_mailbox(store)
        take(store, folder)
    else:
        take(store, folder)
        put_mailbox(store)
        assert {r.result for r in take(store, folder)} == {"duplicate"}
    (row,) = workspace.rows()
    assert row.customer == "ann@customer.test"
    assert row.status is Status.WAITING
    ways = {m.text.strip(): m.direction for m in workspace.messages(row.id)}
    assert ways == {f"{n}": Direction.OUT if n % 2 else Direction.IN for n in range(10)}


@pytest.mark.parametrize("last", [8, 9], ids=["the customer's word", "our word"])
def test_a_history_that_was_dealt_with_is_solved(
    workspace: Workspace, store: WorkerStore, tmp_path: Path, last: int
) -> None:
    put_mailbox(store)
    for n in range(last + 1):
        write(tmp_path / "thread" / f"{n}.eml", talk(n))
    assert {r.result for r in import_files(store, [tmp_path / "thread"], solved=True)} == {"imported"}
    assert workspace.rows("inbox") == []
    (row,) = workspace.rows()
    assert row.status is Status.SOLVED
    assert len(workspace.messages(row.id)) == last + 1


def test_a_solved_history_leaves_an_open_conversation_open(
    workspace: Workspace, store: WorkerStore, tmp_path: Path
) -> None:
    put_mailbox(store)
    take(store, write(tmp_path / "2.eml", talk(2)))
    before = [row.status for row in workspace.rows()]
    list(
        import_files(
            store, [write(tmp_path / "old" / "1.eml", talk(1)), write(tmp_path / "old" / "4.eml", talk(4))], solved=True
        )
    )
    (row,) = workspace.rows()
    assert [row.status] == before == [Status.NEW]
    assert len(workspace.messages(row.id)) == 3


@pytest.mark.parametrize("place", ["forged.eml", "box.mbox", "INBOX.mbox", "maildir"])
def test_a_forged_mail_among_what_is_imported_joins_nothing(
    workspace: Workspace, store: WorkerStore, tmp_path: Path, place: str
) -> None:
    put_mailbox(store)
    take(store, write(tmp_path / "first" / "0.eml", talk(0)))
    forged = mail("support@example.test", "ann@customer.test", "Your refund", In_Reply_To="<0@x>", Received=DELIVERED)
    if place == "maildir":
        for name in ("cur", "new", "tmp"):
            (tmp_path / "M" / name).mkdir(parents=True)
        path = write(tmp_path / "M" / "cur" / "1:2,S", forged).parents[1]
    elif place.endswith(".mbox"):
        path = write(tmp_path / place, FROM + forged.replace(b"\r\n", b"\n") + b"\n")
    else:
        path = write(tmp_path / place, forged)
    for _ in range(2):  # again does not change its mind
        take(store, path)
        assert len(workspace.rows()) == 2
        (message,) = [m for m in workspace.all_messages() if m.subject == "Your refund"]
        assert message.direction is Direction.IN
        assert "own_address" in message.warnings
