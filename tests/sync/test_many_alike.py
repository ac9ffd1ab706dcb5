"""Thousands of mails under one Message-ID, or about one: what the next one costs does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Direction, Person, Rule
from agent_tui.domain.text import NOTHING
from agent_tui.store.ports import TWINS_CAP, IngestTransaction
from agent_tui.sync import incoming
from agent_tui.sync.identity import Key, Ours, email_key
from agent_tui.sync.incoming import CROWD_AS_WRITTEN, TransactionBook
from agent_tui.sync.placing import CROWD, LETTERS_CAP, LOOKS_CAP, Arrival, Decision, place
from tests.store.makers import S, Workspace, account, arrive

ANN, BOB = ("email", "ann@example.com"), ("email", "bob@example.com")


class Counted:
    """A transaction that counts what it is asked for, and the rows that it gives."""

    def __init__(self, tx: IngestTransaction) -> None:
        self.tx = tx
        self.mails: list[int] = []
        self.rows = 0

    def stored_mail(self, message_id: int) -> Any:
        self.mails.append(message_id)
        return self.tx.stored_mail(message_id)

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self.tx, name)

        def _ask(*values: Any) -> Any:
            found = asked(*values)
            self.rows += len(found) if name in ("candidates", "orphans", "letters") else 0
            return found

        return _ask


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path)
    for name in ("mail", "other"):
        workspace.writes.put_account(account(name))
    yield workspace
    workspace.close()


def decided(tx: IngestTransaction, author: tuple[str, str] = BOB, **more: Any) -> tuple[Decision, Counted]:
    counted = Counted(tx)
    given: dict[str, Any] = {
        "header_id": "new@x",
        "in_reply_to": (),
        "references": (),
        "contact_id": None,
        "ours": False,
    }
    book = TransactionBook(counted, "mail", Ours(["help@acme.example"]), lambda name: None)
    return place(Arrival(author=author, **{**given, **more}), book), counted


def people(count: int, of: str = "list.example") -> tuple[Person, ...]:
    return tuple(Person(NOTHING, S(f"u{n}@{of}")) for n in range(count))


def counted_keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are taken apart from now on."""
    read: list[str] = []

    def _key(address: str) -> Key | None:
        read.append(address)
        return email_key(address)

    monkeypatch.setattr(incoming, "email_key", _key)
    return read


def test_what_names_an_id_that_a_thousand_have_waits_for_none_of_them(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        for n in range(1000):
            arrive(tx, sender=f"e{n}@evil.example", header_id="dup@x", at=n, cc=people(30))
        found, counted = decided(tx, in_reply_to=["dup@x"], recipients=frozenset([ANN]))
        assert (found.placement.rule, found.related) == (Rule.NEW, ()), "as of an id that nobody has"
        assert len(counted.mails) == 0
        assert counted.rows <= TWINS_CAP + 1
        _, counted = decided(tx, header_id="dup@x", recipients=frozenset([ANN]))
        assert len(counted.mails) == 0


def test_one_more_under_the_id_has_no_part_in_what_answers_it(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        home, _ = arrive(
            tx, sender="ann@example.com", to=(Person(NOTHING, S("bob@example.com")),), in_reply_to=("dup@x",)
        )
        asked: dict[str, Any] = {"header_id": "dup@x", "recipients": frozenset([ANN])}
        assert decided(tx, **asked)[0].conversation_id == home
        for n in range(TWINS_CAP + 1):
            arrive(tx, sender="bob@example.com", header_id="dup@x", at=n, to=(Person(NOTHING, S("ann@example.com")),))
        assert decided(tx, **asked)[0].conversation_id is None


def test_ours_is_found_among_any_number(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        ann = Person(NOTHING, S("ann@example.com"))
        home, ours = arrive(tx, header_id="ours@x", direction=Direction.OUT, status=Status.WAITING, to=(ann,))
        for n in range(200):
            arrive(tx, sender=f"e{n}@evil.example", header_id="ours@x", at=1 + n)
        assert tx.candidates("mail", ["ours@x"])[0].message_id == ours
        assert decided(tx, ANN, in_reply_to=["ours@x"])[0].conversation_id == home


def test_those_of_another_account_are_not_gone_through(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        _, first = arrive(tx, sender="ann@example.com", header_id="one@x")
        for n in range(200):
            arrive(tx, account="other", header_id="one@x", at=1 + n, in_reply_to=("zero@x",))
        assert [one.message_id for one in tx.candidates("mail", ["one@x"])] == [first]
        assert tx.orphans("mail", "zero@x", 20) == []
        assert len(tx.orphans("other", "zero@x", 20)) == 20


def test_many_ids_with_several_each_are_looked_at_in_part(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        ids = [f"id{n}@x" for n in range(50)]
        for n, header in enumerate(ids):
            for copy in range(TWINS_CAP):
                arrive(tx, sender="ann@example.com", header_id=header, at=n * TWINS_CAP + copy)
        found, counted = decided(tx, references=ids)
        assert len(counted.mails) <= LOOKS_CAP
        assert found.conversation_id is None
        assert len(found.related) <= 60


def test_letters_of_many_conversations_are_looked_at_in_part(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        to_bob = (Person(NOTHING, S("bob@example.com")),)
        for n in range(30):
            home, _ = arrive(tx, sender="ann@example.com", to=to_bob, header_id=f"id{n}@x", at=n * 100)
            for more in range(40):
                arrive(tx, into=home, sender="eve@example.com", at=n * 100 + more)
        ids = [f"id{n}@x" for n in range(30)]
        _, counted = decided(tx, references=ids, recipients=frozenset([ANN]))
        assert counted.rows <= LETTERS_CAP + len(ids)


def test_of_letters_to_crowds_little_is_read(store: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.worker.ingest() as tx:
        home, _ = arrive(tx, cc=people(3))
        arrive(tx, into=home, at=1, cc=people(100))
        arrive(tx, into=home, at=2, cc=people(500))
        arrive(tx, into=home, at=3, cc=people(500), direction=Direction.OUT)
        read = counted_keys(monkeypatch)
        book = TransactionBook(tx, "mail", Ours([]), lambda name: None)
        few, many, crowd, ours = book.letters(home, 10)
        assert len(few.receivers) == 4
        assert len(many.receivers) == CROWD + 1
        assert crowd.receivers == frozenset()
        assert len(ours.receivers) == 501, "whom we wrote to has a part, however many they are"
        assert len(read) < 600


def test_a_crowd_of_recipients_is_a_crowd_and_is_not_read(store: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.worker.ingest() as tx:
        _, crowd = arrive(tx, cc=people(CROWD_AS_WRITTEN + 1))
        _, few = arrive(tx, cc=people(3), at=1)
        book = TransactionBook(tx, "mail", Ours(["help@acme.example"]), lambda name: None)
        read = counted_keys(monkeypatch)
        assert len(book.receivers(crowd)) > CROWD
        assert not read
        assert book.receivers(few) == {("email", f"u{n}@list.example") for n in range(3)}
        assert book.receivers(few) is book.receivers(few)
