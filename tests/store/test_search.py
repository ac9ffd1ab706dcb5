"""The search: what is typed, what is found, and where it says it matched."""

from __future__ import annotations

import random
import sqlite3
import string
from typing import Any

import pytest

from agent_tui.domain.action import Field
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Person, Span
from agent_tui.domain.search import Count, Filter, Hit, Query, Term, TermKind
from agent_tui.domain.times import DAY, SECOND, Micros
from agent_tui.store.ports import FieldTarget
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.rows import dumps
from agent_tui.store.search import run
from agent_tui.store.writes import reindex
from tests.store.makers import AGENT, START, S, Workspace, arrive, draft, file, message

WORD, PHRASE, PREFIX = TermKind.WORD, TermKind.PHRASE, TermKind.PREFIX


def _find(
    store: Workspace, query: Query, limit: int = 50, before: int | None = None, *, best: bool = False
) -> list[Hit]:
    return list(store.reads.hits(query, AGENT, before, limit, best))


def _words(store: Workspace, *texts: str) -> set[int]:
    return {h.row.id for h in _find(store, Query([Term(WORD, t) for t in texts]), limit=1000)}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Я чекаю на повернення коштів", "повернень"),
        ("Я чекаю на повернень", "Поверненню"),
        ("Где мои заказы", "заказ"),
        ("Это мой заказ", "заказы"),
        ("Новая ёлка", "елка"),
        ("Новая елка", "ЁЛКА"),
        ("Наш об’єкт", "об'єкта"),
        ("the CAFÉ was closed", "cafe"),
        ("two orders were shipped", "order"),
        ("my order", "Orders"),
        ("write to ann.smith@example.com", "ann.smith@example.com"),
        ("order no. AB-1234/5", "ab-1234"),
        ("返金してください", "返金"),
    ],
)
def test_a_word_is_found_in_any_form(store: Workspace, text: str, asked: str) -> None:
    conversation, _ = store.arrive(text)
    store.arrive("something else entirely", sender="bob@other.example", author=Person(S("Bob"), S("bob@other.example")))
    assert _words(store, asked) == {conversation}


def test_all_words_must_be_there_and_some_must_not(store: Workspace) -> None:
    both, _ = store.arrive("refund for the broken lamp", at=1)
    one, _ = store.arrive("refund for the chair", at=2)
    assert _words(store, "refund", "lamp") == {both}
    found = _find(store, Query([Term(WORD, "refund"), Term(WORD, "lamp", negated=True)]))
    assert [h.row.id for h in found] == [one]
    found = _find(store, Query([Term(WORD, "lamp", negated=True)]))
    assert [h.row.id for h in found] == [one]


def test_phrases_are_not_stemmed_and_prefixes_begin_a_word(store: Workspace) -> None:
    one, _ = store.arrive("the order was late", at=1)
    two, _ = store.arrive("orders late was the", at=2)
    assert {h.row.id for h in _find(store, Query([Term(PHRASE, "order was late")]))} == {one}
    assert {h.row.id for h in _find(store, Query([Term(PREFIX, "or")]))} == {one, two}
    assert {h.row.id for h in _find(store, Query([Term(PREFIX, "order w")]))} == {one}
    assert not _find(store, Query([Term(PREFIX, "rder")]))


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Який код оплати?", "коду"),
        ("Де моє замовлення", "замовленням"),
        ("my refund is late", "refunding"),
        ("my refund is late", "ref"),
        ("Де моє замовлення", "замов"),
    ],
)
def test_the_word_being_typed_is_found_as_a_beginning_and_in_any_form(store: Workspace, text: str, typed: str) -> None:
    conversation, _ = store.arrive(text)
    store.arrive("something else entirely", at=2)
    (hit,) = _find(store, Query([Term(TermKind.TYPED, typed)]))
    assert hit.row.id == conversation
    assert hit.marks, "what matched is marked"
    (other,) = _find(store, Query([Term(TermKind.TYPED, typed, negated=True)]))
    assert other.row.id != conversation


HOSTILE = [
    "user@example.com", "foo-bar", "AND", "OR NOT", "*", 'a"b', '"', "''", "NEAR(a b)", "subject:", "stems : x", "^a",
    "a*b*", "{subject} : a", "(", ")))", "; DROP TABLE message; --", "\x00", "a\x00b", "%", "_", "\\", "\u202e", "🙂",
    "a" * 5000, "- - -", "+", "ﷺ", "½", "＂x＂", "\ud800", "İ", "ß", "col:a OR b", "NOT", "a AND", "\n\r\t", "rowid:1",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_anything_may_be_typed(store: Workspace, typed: str) -> None:
    store.arrive("an innocent text")
    for kind in TermKind:
        for negated in (False, True):
            query = Query([Term(kind, typed, negated)])
            _find(store, query)
            _find(store, query, best=True)
            store.reads.count(query, AGENT)
    for field in (
        "from",
        "to",
        "subject",
        "tag",
        "is",
        "status",
        "before",
        "after",
        "has",
        "priority",
        "prioritty",
        "",
    ):
        for negated in (False, True):
            query = Query([Term(WORD, "innocent")], [Filter(field, typed, negated)])
            _find(store, query)
            store.reads.count(query, AGENT)


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_no_syntax(store: Workspace, seed: int) -> None:
    """What is typed is only ever a row of words: the same words without the noise find the same."""
    chance = random.Random(seed)
    conversation, _ = store.arrive("alpha beta gamma")
    for _ in range(60):
        noise = "".join(chance.choices(string.punctuation.replace("_", ""), k=4))
        query = Query([Term(PHRASE, f"{noise}alpha{noise}beta{noise}")])
        if "'" in noise or "`" in noise:
            continue
        assert [h.row.id for h in _find(store, query)] == [conversation], noise


def test_nothing_is_asked(store: Workspace) -> None:
    store.arrive()
    assert not _find(store, Query())
    assert store.reads.count(Query(), AGENT) == Count(0)


def test_filters(store: Workspace) -> None:
    old, _ = store.arrive("lamp", at=0, subject=S("About lamps"), files=(file("manual.pdf"),))
    new, newest = store.arrive(
        "lamp", at=10 * DAY, sender="zoe@other.example", author=Person(S("Zoe Ng"), S("zoe@other.example"))
    )
    store.writes.apply(
        AGENT, "x", [FieldTarget(old, Field.TAGS, '["VIP"]'), FieldTarget(old, Field.STATUS, '"solved"')]
    )
    store.writes.apply(
        AGENT, "x", [FieldTarget(new, Field.ASSIGNEE, dumps(AGENT)), FieldTarget(new, Field.PRIORITY, "3")]
    )
    store.writes.mark_read(new, newest)

    def ids(field: str, value: str, *, negated: bool = False, moment: int | None = None) -> set[int]:
        when = None if moment is None else Micros(START + moment)
        filters = [Filter(field, value, negated, when)]
        alone = {h.row.id for h in _find(store, Query([], filters))}
        assert alone == {h.row.id for h in _find(store, Query([Term(WORD, "lamp")], filters))}
        assert store.reads.count(Query([], filters), AGENT) == Count(len(alone))
        return alone

    assert ids("from", "zoe") == {new}
    assert ids("from", "zoe@other.example") == {new}
    assert ids("from", "zoe", negated=True) == {old}
    assert ids("to", "help@acme.example") == {old, new}
    assert ids("subject", "lamp") == {old}
    assert ids("tag", "vip") == {old}
    assert ids("tag", "vip", negated=True) == {new}
    assert ids("status", "solved") == {old}
    assert ids("is", "new") == {new}
    assert ids("is", "unread") == {old}
    assert ids("is", "mine") == {new}
    assert ids("is", "unassigned") == {old}
    assert ids("is", "urgent") == {new}
    assert ids("has", "attachment") == {old}
    assert ids("before", "…", moment=5 * DAY) == {old}
    assert ids("after", "…", moment=5 * DAY) == {new}
    assert ids("after", "…", moment=5 * DAY, negated=True) == {old}
    assert ids("is", "nonsense") == set()
    assert ids("has", "note") == ids("has", "draft") == set()
    store.writes.save_draft(draft(conversation=new))
    store.writes.add_note(AGENT, old, S("a remark"))
    assert ids("has", "draft") == {new}
    assert ids("has", "note") == {old}


def test_spam_is_found_only_where_it_is_asked_for(store: Workspace) -> None:
    spam, _ = store.arrive("cheap lamp", status=Status.SPAM)
    assert not _words(store, "lamp")
    assert {h.row.id for h in _find(store, Query([Term(WORD, "lamp")], [Filter("status", "spam")]))} == {spam}


def test_newest_first_one_a_conversation_page_by_page(store: Workspace) -> None:
    chance = random.Random(1)
    with store.worker.ingest() as tx:
        ids = [arrive(tx, "lamp 0", at=chance.randrange(10**6) * SECOND)[0] for _ in range(30)]
        for n in range(200):
            arrive(tx, f"lamp {n}", into=chance.choice(ids), at=chance.randrange(10**6) * SECOND)
        arrive(tx, "no such word", into=ids[0], at=2 * 10**6 * SECOND)
    query = Query([Term(WORD, "lamps")])
    whole = _find(store, query, limit=100)
    assert len(whole) == 30
    assert [h.order for h in whole] == sorted((h.order for h in whole), reverse=True)
    assert len({h.row.id for h in whole}) == 30
    paged: list[Hit] = []
    before = None
    while page := _find(store, query, 7, before):
        paged += page
        before = page[-1].order
    assert [(h.row.id, h.order) for h in paged] == [(h.row.id, h.order) for h in whole]
    assert store.reads.count(query, AGENT) == Count(30)
    assert store.reads.count(query, AGENT, cap=10) == Count(10, capped=True)
    assert store.reads.count(query, AGENT, cap=30) == Count(30)


QUOTING = "Here it is.\n\nOn Monday Ann wrote:\n> > my lamp is\n> broken, said Bob"


def _quotes(text: str, of: str = "\nOn Monday") -> dict[str, Any]:
    return {"text": text, "quoted": (Span(text.index(of), len(text)),)}


def test_what_is_only_quoted_is_found_too_and_shown_without_marks_of_quotes(store: Workspace) -> None:
    _, answer = store.arrive(**_quotes(QUOTING), at=3)
    (hit,) = _find(store, Query([Term(WORD, "lamp")]))
    assert hit.message_id == answer
    assert hit.snippet == "Here it is. On Monday Ann wrote: my lamp is broken, said Bob"
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["lamp"]


def test_an_excerpt_begins_at_words_of_the_writer(store: Workspace) -> None:
    quote = "On Monday Ann wrote:\n" + "> lamp and shade\n" * 30
    text = f"{quote}\nThe lamp came > yesterday"
    store.arrive(text, at=1, quoted=(Span(0, len(quote)),))
    (hit,) = _find(store, Query([Term(WORD, "lamp")]))
    assert hit.snippet.endswith("The lamp came > yesterday")


def test_a_hit_says_where_and_why(store: Workspace) -> None:
    long = "word " * 100 + "the broken Lamps\n\nare here" + " tail" * 100
    store.arrive(long, at=5, subject=S("Hello"))
    (hit,) = _find(store, Query([Term(WORD, "lamp")]))
    assert hit.field == "text"
    assert "\n" not in hit.snippet
    assert len(hit.snippet) <= 200
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["Lamps"]
    store.arrive("nothing", at=4, subject=S("Chairs for sale"))
    (hit,) = _find(store, Query([Term(WORD, "chair")]))
    assert (hit.field, hit.snippet, hit.marks) == ("subject", "Chairs for sale", ((0, 6),))
    store.arrive("nothing", at=3, files=(file("Kaufvertrag.pdf"),))
    (hit,) = _find(store, Query([Term(PREFIX, "kauf")]))
    assert (hit.field, [hit.snippet[a:b] for a, b in hit.marks]) == ("attachment", ["Kaufvertrag"])
    conversation, _ = store.arrive("nothing", at=2)
    store.writes.add_note(AGENT, conversation, S("зателефонувати в банк"))
    (hit,) = _find(store, Query([Term(WORD, "банку")]))
    assert (hit.field, [hit.snippet[a:b] for a, b in hit.marks]) == ("note", ["банк"])
    assert hit.row.id == conversation


def test_by_relevance_the_subject_counts_more_than_age(store: Workspace) -> None:
    subject, _ = store.arrive("hello", at=1, subject=S("Broken lamp"))
    together, _ = store.arrive("a broken lamp it was", at=2)
    for n in range(20):
        store.arrive("lamp that is not new, and something broken", at=10 + n)
    found = _find(store, Query([Term(WORD, "broken"), Term(WORD, "lamp")]), limit=5, best=True)
    assert [h.row.id for h in found[:2]] == [subject, together]


def test_the_index_follows_the_text(store: Workspace, raw: sqlite3.Connection) -> None:
    conversation, item = store.arrive("the old words", files=(file("gone.pdf"),))
    with store.worker.ingest() as tx:
        tx.update_text(item, S("entirely new ones"), edited=True)
    assert not _words(store, "old")
    assert _words(store, "entirely") == _words(store, "gone.pdf") == {conversation}
    with store.worker.ingest() as tx:
        tx.complete_message(item, message("completed body", files=(file("here.pdf"),)))
    assert not _words(store, "entirely")
    assert not _words(store, "gone.pdf")
    assert _words(store, "completed") == _words(store, "here.pdf") == {conversation}
    note = store.writes.add_note(AGENT, conversation, S("secret remark"))
    assert note
    store.writes.undo(AGENT)
    assert not _words(store, "remark")
    store.writes.redo(AGENT)
    assert _words(store, "remark") == {conversation}
    while store.worker.merge_search_index(1.0):
        pass
    assert _words(store, "completed") == {conversation}
    raw.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 0)")


def test_merging_in_slices_comes_to_an_end(store: Workspace, raw: sqlite3.Connection) -> None:
    for n in range(40):
        store.arrive(f"text {n} lamp", at=n)
    segments = "SELECT count(DISTINCT segid) FROM search_idx"
    before = raw.execute(segments).fetchone()[0]
    slices = 0
    while store.worker.merge_search_index(0.0):
        slices += 1
        assert slices < 10_000
    assert raw.execute(segments).fetchone()[0] < before / 2
    assert len(_words(store, "lamp")) == 40


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("words", [["lamp"], ["lamp", "-old"], ["-old"], []])
def test_a_rare_filter_finds_the_same_by_either_way(
    store: Workspace, monkeypatch: pytest.MonkeyPatch, few: bool, words: list[str]
) -> None:
    """Asked conversation by conversation or streamed off the index: the same hits, in the same order, page by page."""
    chance = random.Random(3)
    with store.worker.ingest() as tx:
        ids = [arrive(tx, "an old lamp", at=chance.randrange(10**6) * SECOND)[0] for _ in range(30)]
        for _ in range(100):
            text = chance.choice(["lamp", "chair", "old lamp"])
            arrive(tx, text, into=chance.choice(ids), at=chance.randrange(10**6) * SECOND)
    tag = dumps(["Лампа"])
    store.writes.apply(AGENT, "tag", [FieldTarget(i, Field.TAGS, tag) for i in ids[:12]])
    monkeypatch.setattr(run, "FEW", 300 if few else 0)
    terms = [Term(WORD, w.lstrip("-"), w.startswith("-")) for w in words]
    query = Query(terms, [Filter("tag", "лампа")])
    expected: dict[int, int] = {}
    for conversation_id in ids[:12]:
        for item in store.reads.items(conversation_id, None, 100):
            said = getattr(item, "text", None)
            if said is not None and all((t.text in said) != t.negated for t in terms):
                expected[conversation_id] = max(item.id, expected.get(conversation_id, 0))
    paged: list[Hit] = []
    before = None
    while page := _find(store, query, 5, before):
        paged += page
        before = page[-1].order
    assert [(h.row.id, h.order) for h in paged] == sorted(expected.items(), key=lambda pair: -pair[1])
    assert store.reads.count(query, AGENT) == Count(len(expected))


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (Query([Term(WORD, "lamp")]), "VIRTUAL TABLE INDEX"),
        (Query([Term(WORD, "lamp"), Term(PREFIX, "ol")], [Filter("is", "unassigned")]), "VIRTUAL TABLE INDEX"),
        (Query([], [Filter("is", "unassigned")]), "USING INDEX conversation_all"),
        (Query([Term(WORD, "lamp", True)]), "SCAN p"),
        (Query([], [Filter("has", "attachment")]), "SCAN p"),
    ],
)
def test_newest_first_needs_no_sort(store: Workspace, query: Query, index: str) -> None:
    """The first page costs the same at any size, as the index is read in its own order."""
    asked: list[tuple[str, object]] = []

    class Told(ReadConnections):
        def all(self, sql: str, values: Any = ()) -> list[Any]:
            asked.append((sql, values))
            return super().all(sql, values)

    connections = Told(store.home)
    assert list(run.Search(connections, query, AGENT).stream(None)) == []
    plan = connections.all(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1])
    told = " | ".join(r[3] for r in plan)
    assert "TEMP B-TREE" not in told, told
    assert index in told, told
    connections.close()


def test_within_one_conversation_the_store_is_not_asked_which_ones_match(store: Workspace) -> None:
    asked: list[str] = []

    class Told(ReadConnections):
        def all(self, sql: str, values: Any = ()) -> list[Any]:
            asked.append(sql)
            return super().all(sql, values)

    conversation, first = store.arrive("a lamp", at=1)
    _, second = store.arrive("another lamp", at=2, into=conversation)
    store.arrive("no chair", at=3, into=conversation)
    store.arrive("a lamp too", at=4)
    connections = Told(store.home)
    query = Query([Term(WORD, "lamp")], [Filter("is", "unread")])
    assert run.within(connections, query, AGENT, conversation) == [first, second]
    (statement,) = asked
    assert f"c.id IN ({conversation})" in statement
    connections.close()


def test_conversations_of_one_second_are_paged_without_loss(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        ids = [arrive(tx, "x", at=(n % 3) * SECOND // 2)[0] for n in range(60)]
        for conversation_id in random.Random(5).sample(ids, 30):
            arrive(tx, "y", into=conversation_id, at=0)
    query = Query([], [Filter("is", "unassigned")])
    paged: list[Hit] = []
    before = None
    while page := _find(store, query, 7, before):
        paged += page
        before = page[-1].order
    assert len(paged) == 60
    assert {h.row.id for h in paged} == set(ids)
    assert [h.order for h in paged] == sorted((h.order for h in paged), reverse=True)
    assert [h.order for h in _find(store, query, 100)] == [h.order for h in paged]


def test_an_index_made_in_another_way_is_made_anew(
    store: Workspace, raw: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Piece by piece, over a restart, while messages come, change and go."""
    with store.worker.ingest() as tx:
        made = [arrive(tx, f"lamp number{n}", at=n * SECOND) for n in range(170)]
    store.writes.add_note(AGENT, made[0][0], S("a remark on lamps"))
    while store.worker.merge_search_index(1.0):
        pass
    whole = _words(store, "lamp")
    assert len(whole) == 170
    monkeypatch.setattr(reindex, "FOLDING", 2)
    again = Workspace(store.home)
    assert again.worker.merge_search_index(0.0)
    assert 0 < len(_words(store, "lamp")) < 170
    with again.worker.ingest() as tx:
        tx.update_text(made[3][1], S("chair"), edited=True)
        tx.update_text(made[160][1], S("chair"), edited=True)
        late, _ = arrive(tx, "a late lamp", at=5 * SECOND)
        new, _ = arrive(tx, "a new lamp", at=500 * SECOND)
    third = Workspace(store.home)
    while third.worker.merge_search_index(0.0):
        pass
    assert _words(store, "lamp") == whole - {made[3][0], made[160][0]} | {late, new}
    assert _words(store, "chair") == {made[3][0], made[160][0]}
    assert {h.field for h in _find(store, Query([Term(WORD, "remark")]))} == {"note"}
    raw.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 0)")
    assert not third.worker.merge_search_index(0.0)
    third.close()
    again.close()
