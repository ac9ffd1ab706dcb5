"""What comes in: all or nothing, once, and found again wherever a server puts it."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from agent_tui.domain.contact import Deliverable
from agent_tui.domain.conversation import Channel, Status, View
from agent_tui.domain.message import Delivery, Direction, Message, Person, Placement, Rule
from agent_tui.domain.text import NOTHING
from agent_tui.domain.times import SECOND, Micros, now
from agent_tui.store.ports import CopyPlace, StoreError
from tests.store.makers import AGENT, START, S, Workspace, account, arrive, draft, file, message, order


def test_a_batch_and_its_cursor_are_one(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        kept, _ = arrive(tx, "kept")
        tx.save_cursor("mail", "pull", "1")

    def fails() -> None:
        with store.worker.ingest() as tx:
            arrive(tx, "lost", into=kept)
            arrive(tx, "lost as well")
            tx.save_cursor("mail", "pull", "2", done=True)
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        fails()
    assert store.worker.cursor("mail", "pull") == ("1", False)
    assert store.worker.cursor("mail", "history") is None
    assert [r.id for r in store.reads.page(View.ALL, AGENT, None, 9)] == [kept]
    assert len(store.reads.items(kept, None, 9)) == 1
    assert store.reads.view_counts(AGENT)[View.INBOX].total == 1


def test_a_message_is_stored_once(store: Workspace) -> None:
    new = message("once")
    with store.worker.ingest() as tx:
        into = tx.add_conversation("mail", Channel.EMAIL, S("x"), None, Status.NEW, new.arrived_at)
        item = tx.add_message(new, into, Placement(Rule.NEW))
        assert tx.message_by_native("mail", new.native_id) == item
    with pytest.raises(StoreError), store.worker.ingest() as tx:
        tx.add_message(new, into, Placement(Rule.NEW))
    assert len(store.reads.items(into, None, 9)) == 1


def test_messages_of_one_second_have_places_of_their_own(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        ids = [arrive(tx, f"{n}", at=0)[1] for n in range(300)]
    assert len(set(ids)) == 300
    assert ids == sorted(ids)
    assert max(ids) < START + SECOND


def test_a_message_comes_back_as_it_was(store: Workspace) -> None:
    from agent_tui.domain.message import Automatic, Span

    new = message(
        "Hello\n> quote\n-- \nAnn",
        cc=(Person(S("Bo"), S("bo@x.example")),),
        reply_to=(Person(NOTHING, S("re@x.example")),),
        quoted=(Span(6, 13),),
        signature=Span(14, 21),
        links=(S("https://x.example/"),),
        files=(file("a.pdf"), file("b.png", inline=True)),
        automatic=Automatic.LIST,
        warnings=("auth_failed",),
        in_reply_to=("p@x",),
        references=("r@x", "p@x"),
        raw=store.worker.put_raw([b"raw bytes"])[0],
    )
    with store.worker.ingest() as tx:
        into = tx.add_conversation("mail", Channel.EMAIL, S("x"), None, Status.NEW, new.arrived_at)
        item = tx.add_message(new, into, Placement(Rule.REFERENCES, {"header": "r@x"}))
    found = store.reads.message(item)
    assert isinstance(found, Message)
    for name in ("author", "to", "cc", "reply_to", "text", "quoted", "signature", "links", "automatic", "warnings"):
        assert getattr(found, name) == getattr(new, name), name
    assert found.placement == Placement(Rule.REFERENCES, {"header": "r@x"})
    assert [(a.name, a.inline) for a in found.attachments] == [("a.pdf", False), ("b.png", True)]
    assert found.raw
    assert store.reads.message_raw(item) == b"raw bytes"
    assert store.reads.references(item) == ["r@x", "p@x", new.header_id]
    assert [(m.id, a.name) for m, a in store.reads.attachments(into)] == [(item, "a.pdf"), (item, "b.png")]
    assert store.reads.page(View.INBOX, AGENT, None, 1)[0].snippet == "Hello"


def test_uidvalidity_reset_finds_the_message_again(store: Workspace) -> None:
    """No mark goes to a stale UID, nothing is doubled, and what waits goes to the new place."""
    conversation, item = store.arrive()
    with store.worker.ingest() as tx:
        tx.put_copy(item, "mail", CopyPlace("INBOX", 1, 5))
    store.writes.mark_read(conversation, item)
    with store.worker.ingest() as tx:
        tx.folder_reset("mail", "INBOX")
    assert store.worker.remote_writes("mail", now()) == []
    assert store.worker.places("mail", item) == []
    with store.worker.ingest() as tx:
        tx.put_copy(item, "mail", CopyPlace("INBOX", 2, 1))
        assert tx.message_by_copy("mail", "INBOX", 2, 1) == item
    (write,) = store.worker.remote_writes("mail", now())
    assert [(c["uidvalidity"], c["uid"]) for c in write.payload["copies"]] == [(2, 1)]
    assert len(store.reads.items(conversation, None, 9)) == 1
    assert not store.reads.rows([conversation], AGENT)[conversation].unread


def test_a_write_for_a_message_that_is_nowhere_is_given_up_and_told(store: Workspace) -> None:
    conversation, item = store.arrive()
    with store.worker.ingest() as tx:
        tx.put_copy(item, "mail", CopyPlace("INBOX", 1, 5))
    store.writes.mark_read(conversation, item)
    with store.worker.ingest() as tx:
        tx.copy_gone("mail", "INBOX", 1, 5)
    assert store.worker.remote_writes("mail", Micros(now() + 2 * 3600 * SECOND)) == []
    assert store.reads.activity()[0].code == "remote_write_lost"
    with store.worker.ingest() as tx:
        tx.put_copy(item, "mail", CopyPlace("INBOX", 1, 6))
    assert store.worker.remote_writes("mail", Micros(now() + 3 * 3600 * SECOND)) == []


def test_a_move_finds_the_message_by_email_id(store: Workspace) -> None:
    _, item = store.arrive()
    with store.worker.ingest() as tx:
        tx.put_copy(item, "mail", CopyPlace("INBOX", 1, 5, email_id="E1"))
        tx.copy_gone("mail", "INBOX", 1, 5)
        assert tx.message_by_email_id("mail", "E1") == item
        assert tx.message_by_email_id("mail", "") is None
        assert tx.message_by_email_id("other", "E1") is None
        tx.put_copy(item, "mail", CopyPlace("Archive", 3, 9, email_id="E1"))
    assert [(p.folder, p.uid) for p in store.worker.places("mail", item)] == [("Archive", 9)]


def test_a_folder_is_renamed(store: Workspace) -> None:
    _, item = store.arrive()
    with store.worker.ingest() as tx:
        tx.put_copy(item, "mail", CopyPlace("Old", 1, 5))
        tx.folder_renamed("mail", "Old", "New")
        assert tx.message_by_copy("mail", "New", 1, 5) == item
        assert tx.message_by_copy("mail", "Old", 1, 5) is None


def test_marks_go_both_ways(store: Workspace) -> None:
    conversation, item = store.arrive()

    def seen(value: bool) -> None:
        with store.worker.ingest() as tx:
            tx.put_copy(item, "mail", CopyPlace("INBOX", 1, 5, seen=value))

    def unread() -> bool:
        return store.reads.rows([conversation], AGENT)[conversation].unread

    seen(False)
    assert unread()
    seen(True)
    assert not unread()
    seen(False)
    assert unread()
    store.writes.mark_read(conversation, item)
    seen(False)
    assert not unread(), "what the server says is older than what we are about to write"
    (write,) = store.worker.remote_writes("mail", now())
    store.worker.settle_remote_write(write.id, done=True)
    seen(True)
    assert not unread()
    seen(False)
    assert unread()
    assert store.worker.remote_writes("mail", now()) == []


def test_the_same_file_imported_and_fetched_is_one_message(store: Workspace) -> None:
    store.writes.put_account(account("files", offline=True, own_addresses=()))
    new = message("the same bytes", account="files", unread=False)
    with store.worker.ingest() as tx:
        into = tx.add_conversation("files", Channel.EMAIL, S("x"), None, Status.SOLVED, new.arrived_at)
        item = tx.add_message(new, into, Placement(Rule.NEW))
    with store.worker.ingest() as tx:
        assert tx.message_by_native("mail", new.native_id) == item
        assert tx.candidates("mail", [new.header_id]) == []  # a file ties nothing together for an account
        tx.put_copy(item, "mail", CopyPlace("INBOX", 1, 5))
        assert [c.message_id for c in tx.candidates("mail", [new.header_id])] == [item]
    found = store.reads.message(item)
    assert found
    assert found.account == "mail"
    whole = store.reads.conversation(into)
    assert whole
    assert whole.account == "mail"


def test_two_real_accounts_do_not_mix(store: Workspace) -> None:
    store.writes.put_account(account("second"))
    new = message("sent to both")
    with store.worker.ingest() as tx:
        into = tx.add_conversation("mail", Channel.EMAIL, S("x"), None, Status.NEW, new.arrived_at)
        tx.add_message(new, into, Placement(Rule.NEW))
        assert tx.message_by_native("second", new.native_id) is None
        assert tx.candidates("second", [new.header_id]) == []


def test_orphans_find_what_they_refer_to(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        _, late = arrive(tx, "answer", references=("first@x", "second@x"), in_reply_to=("second@x",))
        arrive(tx, "not related", references=("third@x",))
        assert [c.message_id for c in tx.orphans("mail", "first@x", 20)] == [late]
        assert [c.message_id for c in tx.orphans("mail", "second@x", 20)] == [late]
        assert tx.orphans("mail", "fourth@x", 20) == []


def test_candidates_come_in_the_order_asked(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        _, one = arrive(tx, "1", header_id="one@x", at=1)
        _, two = arrive(tx, "2", header_id="two@x", at=2)
        _, again = arrive(tx, "3", header_id="one@x", at=3)
        asked = tx.candidates("mail", ["two@x", "no@x", "one@x", "two@x"])
    assert [c.message_id for c in asked] == [two, one, again]


def test_participants_leave_ourselves_out(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        into, _ = arrive(tx, "in", sender="ANN@Example.com", cc=(Person(NOTHING, S("stranger@x")),))
        out = message(
            "out",
            direction=Direction.OUT,
            author=Person(NOTHING, S("help@acme.example")),
            to=(Person(NOTHING, S("ann@example.com")),),
            cc=(Person(NOTHING, S("Boss@example.com")), Person(NOTHING, S("HELP@acme.example"))),
        )
        tx.add_message(out, into, Placement(Rule.NEW))
        assert tx.participants(into) == {("email", "ann@example.com"), ("email", "boss@example.com")}
    assert store.reads.known_recipients(["Boss@Example.com", "new@x"]) == {"Boss@Example.com"}


def test_a_contact_gets_his_name(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        contact = tx.add_contact(NOTHING, "email", S("ann@example.com"), "wrote")
        assert tx.add_contact(S("Other"), "email", S("ANN@example.com"), "wrote") == contact
        into, _ = arrive(tx, "hello", contact=contact)
    assert store.reads.rows([into], AGENT)[into].customer == "ann@example.com"
    with store.worker.ingest() as tx:
        tx.see_contact(contact, "email", "ann@example.com", S("Ann Smith"), Micros(START))
        tx.see_contact(contact, "email", "ann@example.com", NOTHING, Micros(START + 5))
        tx.add_identity(contact, "phone", S("+380"), "crm")
        tx.set_deliverable("email", "ann@example.com", Deliverable.HARD, S("5.1.1"))
    assert store.reads.rows([into], AGENT)[into].customer == "Ann Smith"
    found = store.reads.contact(contact)
    assert found
    assert (found.name, found.conversation_count, found.first_seen_at) == ("Ann Smith", 1, START)
    assert [(i.kind, i.value, i.deliverable) for i in found.identities] == [
        ("email", "ann@example.com", Deliverable.HARD),
        ("phone", "+380", Deliverable.OK),
    ]
    assert found.identities[0].seen_at == START + 5
    assert [o.id for o in store.reads.others(contact, 0, 5)] == [into]
    assert store.reads.others(contact, into, 5) == []


def test_passing_trouble_lowers_no_mark_for_good(store: Workspace) -> None:
    def marked(*said: Deliverable) -> Deliverable:
        with store.worker.ingest() as tx:
            contact = tx.add_contact(NOTHING, "email", S("ann@example.com"), "wrote")
            for one in said:
                tx.set_deliverable("email", "ann@example.com", one, S(one.value))
        found = store.reads.contact(contact)
        assert found
        return found.identities[0].deliverable

    assert marked(Deliverable.SOFT, Deliverable.HARD, Deliverable.SOFT) is Deliverable.HARD
    assert marked(Deliverable.OK, Deliverable.SOFT) is Deliverable.SOFT


def test_a_contact_is_called_what_he_called_himself_last(store: Workspace) -> None:
    """History comes newest first: what he was called before renames nobody."""

    def wrote(name: str, at: int, *, renames: bool = True, address: str = "ann@example.com") -> str:
        with store.worker.ingest() as tx:
            tx.see_contact(contact, "email", address, S(name), Micros(START + at), renames=renames)
        found = store.reads.contact(contact)
        assert found
        return found.name

    def spelled() -> str:
        found = store.reads.contact(contact)
        assert found
        return found.identities[0].value

    with store.worker.ingest() as tx:
        contact = tx.add_contact(S("Ann Smith"), "email", S("ann@example.com"), "wrote")
        into, _ = arrive(tx, "hello", contact=contact)
    assert wrote("Ann Smith", 50) == "Ann Smith"
    assert wrote("Kestrel Logistics", 40) == "Ann Smith"
    assert wrote("Ann Jones", 60) == "Ann Jones"
    assert wrote("Ann Smith", 55) == "Ann Jones"
    assert wrote("An Impostor", 70, renames=False, address="ANN@EXAMPLE.COM") == "Ann Jones"
    assert spelled() == "ann@example.com", "nor is his address spelled as a forger spells it"
    assert wrote("Ann Jones", 75, address="Ann@example.com") == "Ann Jones"
    assert spelled() == "Ann@example.com"
    assert wrote("ann@example.com", 80) == "Ann Jones"
    assert wrote("", 90) == "Ann Jones"
    assert store.reads.rows([into], AGENT)[into].customer == "Ann Smith", (
        "his conversation bears the name he wrote there"
    )


def test_a_conversation_bears_the_name_that_was_written_in_it(store: Workspace) -> None:
    """Behind one address of a form or a shop write many, each under another name."""
    with store.worker.ingest() as tx:
        contact = tx.add_contact(NOTHING, "email", S("forms@example.com"), "wrote")
        unnamed, _ = arrive(tx, "no name", contact=contact, contact_id=contact, subject=S("no name"))
    assert store.reads.rows([unnamed], AGENT)[unnamed].customer == "forms@example.com"
    before = store.reads.changes_since(0).sequence
    with store.worker.ingest() as tx:
        for n in range(3):
            tx.see_contact(contact, "email", "forms@example.com", S(f"Person {n}"), Micros(START + 10 + n))
            name, subject = S(f"Person {n}"), S(f"form {n}")
            arrive(tx, at=10 + n, contact=contact, contact_id=contact, subject=subject, called=name)
    named = {row.subject: row.customer for row in store.reads.page(View.ALL, AGENT, None, 9)}
    assert named == {"no name": "Person 2", **{f"form {n}": f"Person {n}" for n in range(3)}}
    assert unnamed in store.reads.changes_since(before).conversations
    with store.worker.ingest() as tx:  # history: what he was called there before names nothing
        into = next(row.id for row in store.reads.page(View.ALL, AGENT, None, 9) if row.subject == "form 1")
        older = message("form 1, before", at=1, contact_id=contact, called=S("Nobody"))
        tx.add_message(older, into, Placement(Rule.REFERENCES))
        stranger = message("form 1, a stranger", at=60, contact_id=contact + 1, called=S("Stranger"))
        tx.add_message(stranger, into, Placement(Rule.REFERENCES))
    assert store.reads.rows([into], AGENT)[into].customer == "Person 1"


def test_two_conversations_become_one(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        contact = tx.add_contact(S("Ann"), "email", S("ann@example.com"), "wrote")
        target, first = arrive(tx, "first", at=1, contact=contact)
        source, second = arrive(tx, "second", at=2, contact=contact)
    store.writes.save_draft(draft(conversation=source))
    held = store.writes.queue(AGENT, order("d2", conversation=source))
    store.writes.add_note(AGENT, source, S("a remark"))
    number = store.reads.rows([source], AGENT)[source].number
    with store.worker.ingest() as tx:
        tx.merge_conversation(source, target, Placement(Rule.REFERENCES, {"header": "x"}))
    texts = [i.text for i in store.reads.items(target, None, 50) if hasattr(i, "text")]
    assert texts == ["first", "second", "Dear Ann", "a remark"]
    assert [r.id for r in store.reads.page(View.ALL, AGENT, None, 9)] == [target]
    assert store.reads.by_number(number) == target
    assert store.reads.conversation(source) is None
    found = store.reads.draft("d1")
    assert found
    assert found.conversation_id == target
    item = store.reads.outbox_item(held.id)
    assert item
    assert item.conversation_id == target
    person = store.reads.contact(contact)
    assert person
    assert person.conversation_count == 1
    whole = store.reads.conversation(target)
    assert whole
    assert (whole.message_count, whole.unread, whole.status) == (3, True, Status.WAITING)
    assert first < second
    total = sum(store.reads.view_counts(AGENT)[v].total for v in (View.INBOX, View.WAITING))
    assert total == 1


def test_only_what_was_tied_to_nothing_is_explained_better(store: Workspace) -> None:
    """Several at once, in one statement."""
    rules = [Rule.NEW, Rule.STRANGER, Rule.IN_REPLY_TO, Rule.NEW]
    with store.worker.ingest() as tx:
        into, first = arrive(tx, at=1)
        ids = [tx.add_message(message(at=2 + n), into, Placement(rule)) for n, rule in enumerate(rules)]
        tx.explain_messages(ids[:3], Placement(Rule.REFERENCES, {"header": "x"}))
    told = {i.id: i.placement.rule for i in store.reads.items(into, None, 9) if isinstance(i, Message)}
    assert [told[i] for i in (first, *ids)] == [Rule.NEW, Rule.REFERENCES, Rule.REFERENCES, Rule.IN_REPLY_TO, Rule.NEW]


def test_a_candidate_says_who_wrote_it(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        arrive(tx, sender="bo@x.test", header_id="one@x", references=("zero@x",))
        found = [*tx.candidates("mail", ["one@x"]), *tx.orphans("mail", "zero@x", 20)]
    assert [one.author for one in found] == ["bo@x.test"] * 2


def test_a_message_is_moved_and_the_empty_row_goes(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        one, first = arrive(tx, "first", at=1)
        two, second = arrive(tx, "second", at=2)
        tx.move_message(second, one, Placement(Rule.MOVED))
    assert [r.id for r in store.reads.page(View.ALL, AGENT, None, 9)] == [one]
    assert [i.id for i in store.reads.items(one, None, 9)] == [first, second]
    assert store.reads.rows([one], AGENT)[one].snippet == "second"
    assert two != one


def test_related_is_told_on_both_sides(store: Workspace) -> None:
    one, _ = store.arrive("one")
    with store.worker.ingest() as tx:
        two = tx.add_conversation("mail", Channel.EMAIL, S("x"), None, Status.NEW, START, related=(one,))
    for here, there in ((one, two), (two, one)):
        found = store.reads.conversation(here)
        assert found
        assert found.related == (there,)


def test_set_aside_once_with_its_reason(store: Workspace) -> None:
    for _ in range(2):
        with store.worker.ingest() as tx:
            tx.set_aside("mail", "h1", "too_large", {"size": "60"}, None, 60, "INBOX/\udcff")
    (kept,) = store.reads.set_aside()
    assert (kept.code, kept.parameters, kept.size, kept.origin) == ("too_large", {"size": "60"}, 60, "INBOX/?")


def test_what_is_read_after_all_is_set_aside_no_longer(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        for account, raw in (("mail", "r1"), ("mail", "r2"), ("other", "r1")):
            tx.set_aside(account, raw, "ingest_error", {}, raw, 60, "")
    assert all(one.by_our_fault for one in store.reads.set_aside())
    store.arrive(raw="r1")
    assert [(one.account, one.raw) for one in store.reads.set_aside()] == [("other", "r1"), ("mail", "r2")]


def test_a_bounce_shows_in_the_list(store: Workspace) -> None:
    conversation, _ = store.arrive()
    item = store.writes.queue(AGENT, order(conversation=conversation))
    assert item.message_id
    with store.worker.ingest() as tx:
        tx.set_delivery(item.message_id, Delivery.BOUNCED, S("5.1.1 no such user"))
    found = store.reads.message(item.message_id)
    assert found
    assert (found.delivery, found.delivery_detail) == (Delivery.BOUNCED, "5.1.1 no such user")
    assert store.reads.rows([conversation], AGENT)[conversation].delivery_failed


def test_the_reply_goes_where_the_last_message_came_from(store: Workspace) -> None:
    store.writes.put_account(account("chat", channel=Channel.CHAT))
    with store.worker.ingest() as tx:
        into, _ = arrive(tx, "by mail", at=1)
        arrive(tx, "by chat", into=into, at=2, account="chat", channel=Channel.CHAT)
        arrive(tx, "older, by mail", into=into, at=0)
    found = store.reads.conversation(into)
    assert found
    assert (found.account, found.channel, found.origin) == ("chat", Channel.CHAT, Channel.EMAIL)


def test_status_with_its_event_and_its_native_name(store: Workspace) -> None:
    conversation, _ = store.arrive()
    with store.worker.ingest() as tx:
        tx.set_status(conversation, Status.SOLVED, "backend", now(), S("Closed by bot"))
        assert tx.conversation_state(conversation).status is Status.SOLVED
    found = store.reads.conversation(conversation)
    assert found
    assert (found.status, found.native_status) == (Status.SOLVED, "Closed by bot")


@pytest.mark.parametrize("table", ["message", "placement", "message_text", "conversation", "search_docsize"])
def test_nothing_is_left_over(store: Workspace, raw: sqlite3.Connection, table: str) -> None:
    """A withdrawn reply leaves no row behind but the conversation's events."""

    def count() -> Any:
        tables = {r[0] for r in raw.execute("SELECT name FROM sqlite_master")}
        if table not in tables:
            return None
        where = " WHERE kind <> 3" if table == "placement" else ""
        return raw.execute(f"SELECT count(*) FROM {table}{where}").fetchone()

    conversation, _ = store.arrive()
    before = count()
    item = store.writes.queue(AGENT, order(conversation=conversation))
    store.writes.take_back(AGENT, item.id)
    assert count() == before
    raw.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 0)")
