"""The traps of threading: what a message refers to is a claim, and only participants are believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, strategies as st

from agent_tui.content.parsed import Heading
from agent_tui.content.safe import safe
from agent_tui.domain.message import Direction, Rule
from agent_tui.store.ports import TWINS_CAP, Candidate
from agent_tui.sync.identity import Key
from agent_tui.sync.placing import CROWD, LETTERS_CAP, Arrival, Decision, Letter, Reported, place, referred

ANN, BOB, EVE = ("email", "ann@a.test"), ("email", "bob@b.test"), ("email", "eve@e.test")


@dataclass
class Shelf:
    """A book in memory: who is in which conversation, and which message has which id and refers to what."""

    people: dict[int, set[Key]] = field(default_factory=dict)
    messages: list[tuple[str, int, Direction, bool, tuple[str, ...]]] = field(default_factory=list)
    contacts: dict[int, int] = field(default_factory=dict)
    spam: set[int] = field(default_factory=set)
    filed: set[int] = field(default_factory=set)
    """Of these what nobody but a server called so."""
    heads: dict[int, tuple[Key | None, frozenset[Key]]] = field(default_factory=dict)
    """Who wrote a message and to whom, by its number."""
    envelopes: dict[int, str] = field(default_factory=dict)
    headings: dict[int, Heading] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    """Conversations whose people were asked for."""

    def put(
        self,
        conversation: int,
        header: str,
        *people: Key,
        out: bool = False,
        ours: bool = False,
        refers: Sequence[str] = (),
        to: Sequence[Key] = (),
    ) -> None:
        self.people.setdefault(conversation, set()).update(people)
        self.messages.append((header, conversation, Direction.OUT if out else Direction.IN, ours, tuple(refers)))
        self.heads[len(self.messages)] = (people[0] if people and not out else None, frozenset(to))

    def candidates(self, header_ids: Sequence[str]) -> Sequence[Candidate]:
        found = []
        for wanted in header_ids:
            under = [self._candidate(n) for n, m in enumerate(self.messages) if m[0] == wanted]
            found += sorted(under, key=lambda c: (not c.ours, c.direction is Direction.IN))[: TWINS_CAP + 1]
        return found

    def orphans(self, header_id: str, most: int) -> Sequence[Candidate]:
        return [self._candidate(n) for n, m in enumerate(self.messages) if header_id in m[4]][:most]

    def participants(self, conversation_id: int) -> frozenset[Key]:
        self.asked.append(conversation_id)
        return frozenset(self.people.get(conversation_id, ()))

    def contact(self, conversation_id: int) -> int | None:
        return self.contacts.get(conversation_id)

    def is_spam(self, conversation_id: int) -> bool:
        return conversation_id in self.spam

    def is_only_filed(self, conversation_id: int) -> bool:
        return conversation_id in self.filed

    def wrote_in(self, conversation_id: int, author: Key) -> bool:
        return any(letter.author == author for letter in self.letters(conversation_id, LETTERS_CAP))

    def letters(self, conversation_id: int, limit: int) -> Sequence[Letter]:
        found = []
        for n, (_header, conversation, direction, _ours, _refers) in enumerate(self.messages, start=1):
            if conversation == conversation_id:
                author, receivers = self.heads[n]
                found.append(Letter(author, None, direction is Direction.OUT, receivers))
        return found[-limit:]

    def receivers(self, message_id: int) -> frozenset[Key]:
        return self.heads[message_id][1]

    def in_envelope(self, envelope_id: str) -> Candidate | None:
        return next((self._candidate(n - 1) for n, name in self.envelopes.items() if name == envelope_id), None)

    def envelope_of(self, message_id: int) -> str:
        return self.envelopes.get(message_id, "")

    def heading_of(self, message_id: int) -> Heading:
        return self.headings.get(message_id, Heading())

    def _candidate(self, number: int) -> Candidate:
        header, conversation, direction, ours, _ = self.messages[number]
        author = self.heads[number + 1][0]
        return Candidate(number + 1, conversation, header, direction, ours, safe(author[1] if author else ""))


def arrival(author: Key | None = ANN, **more: object) -> Arrival:
    given: dict[str, object] = {
        "header_id": "new@x",
        "in_reply_to": (),
        "references": (),
        "author": author,
        "contact_id": None,
        "ours": False,
    }
    return Arrival(**{**given, **more})  # type: ignore[arg-type]


def decide(shelf: Shelf, author: Key | None = ANN, **more: object) -> Decision:
    return place(arrival(author, **more), shelf)


def test_an_answer_to_ours_comes_home() -> None:
    shelf = Shelf()
    shelf.put(1, "ours@us", ANN, out=True, ours=True)
    found = decide(shelf, in_reply_to=["ours@us"])
    assert (found.conversation_id, found.placement.rule) == (1, Rule.OUR_MESSAGE_ID)
    assert found.placement.evidence["header"] == "ours@us"
    assert found.placement.evidence["field"] == "in_reply_to"


def test_same_references_by_different_people_are_two_conversations() -> None:
    shelf = Shelf()
    shelf.put(1, "one@a", ANN, refers=["newsletter@shop"])
    found = decide(shelf, BOB, references=["newsletter@shop"])
    assert found.conversation_id is None
    assert found.placement.rule is Rule.STRANGER
    assert found.related == (1,)


def test_two_answers_of_one_person_to_something_absent_belong_together() -> None:
    shelf = Shelf()
    shelf.put(1, "one@a", ANN, refers=["newsletter@shop"])
    found = decide(shelf, ANN, references=["newsletter@shop"])
    assert (found.conversation_id, found.placement.evidence["field"]) == (1, "shared")


def test_a_stranger_with_our_message_id_begins_his_own() -> None:
    shelf = Shelf()
    shelf.put(1, "ours@us", ANN, out=True, ours=True)
    found = decide(shelf, EVE, in_reply_to=["ours@us"], references=["first@a", "ours@us"])
    assert found.conversation_id is None
    assert found.placement.rule is Rule.STRANGER
    assert found.placement.evidence["reason"] == "not_a_participant"
    assert found.related == (1,)


def test_no_clean_author_is_nobody() -> None:
    shelf = Shelf()
    shelf.put(1, "ours@us", ANN, out=True, ours=True)
    found = decide(shelf, None, in_reply_to=["ours@us"])
    assert (found.conversation_id, found.placement.rule) == (None, Rule.STRANGER)


def test_a_customer_who_writes_from_a_second_known_address_is_himself() -> None:
    shelf = Shelf(contacts={1: 7})
    shelf.put(1, "ours@us", ANN, out=True, ours=True)
    assert decide(shelf, BOB, in_reply_to=["ours@us"], contact_id=7).conversation_id == 1
    assert decide(shelf, BOB, in_reply_to=["ours@us"], contact_id=8).conversation_id is None


def test_a_colleague_is_always_let_in() -> None:
    shelf = Shelf()
    shelf.put(1, "one@a", ANN)
    assert decide(shelf, BOB, in_reply_to=["one@a"], ours=True).conversation_id == 1


def test_in_reply_to_with_several_ids_finds_the_one_that_is_here() -> None:
    shelf = Shelf()
    shelf.put(4, "here@a", ANN)
    found = decide(shelf, in_reply_to=["gone@a", "here@a"])
    assert (found.conversation_id, found.placement.rule) == (4, Rule.IN_REPLY_TO)


def test_references_count_from_the_end_and_ours_before_others() -> None:
    shelf = Shelf()
    shelf.put(1, "old@a", ANN)
    shelf.put(2, "late@a", ANN)
    assert decide(shelf, references=["old@a", "late@a"]).conversation_id == 2
    shelf.put(3, "ours@us", ANN, out=True, ours=True)
    found = decide(shelf, references=["ours@us", "old@a", "late@a"])
    assert (found.conversation_id, found.placement.rule) == (3, Rule.OUR_MESSAGE_ID)


def test_a_gateway_that_replaced_one_id_is_seen_through() -> None:
    """In-Reply-To names an id we never saw; References still hold ours."""
    shelf = Shelf()
    shelf.put(1, "ours@us", ANN, out=True, ours=True)
    assert decide(shelf, in_reply_to=["made-up@gateway"], references=["ours@us"]).conversation_id == 1


def test_nothing_to_go_by_begins_a_conversation() -> None:
    shelf = Shelf()
    shelf.put(1, "one@a", ANN)
    found = decide(shelf, ANN)
    assert (found.conversation_id, found.placement.rule, found.related) == (None, Rule.NEW, ())


def test_duplicate_ids_go_where_the_author_belongs() -> None:
    shelf = Shelf()
    shelf.put(1, "same@x", BOB)
    shelf.put(2, "same@x", ANN)
    assert decide(shelf, ANN, in_reply_to=["same@x"]).conversation_id == 2


def test_its_own_id_and_blank_ones_are_no_reference() -> None:
    assert referred(arrival(header_id="me@x", in_reply_to=["", "me@x"], references=["me@x", "a@x", ""])) == [
        ("a@x", "references")
    ]


def test_thousands_of_references_are_bounded() -> None:
    many = [f"{n}@x" for n in range(20_000)]
    assert len(referred(arrival(references=many, in_reply_to=many))) <= 130


def test_answers_to_a_mailing_do_not_gather() -> None:
    shelf = Shelf()
    crowd: list[Key] = [("email", f"c{n}@x.test") for n in range(CROWD)]
    shelf.put(1, "mailing@us", ANN, *crowd, out=True, ours=True)
    found = decide(shelf, ANN, in_reply_to=["mailing@us"])
    assert (found.conversation_id, found.placement.evidence["reason"]) == (None, "crowd")
    assert found.related == (1,)


def test_who_got_a_copy_may_answer_its_author() -> None:
    shelf = Shelf()
    shelf.put(1, "question@a", ANN, to=[BOB])
    found = decide(shelf, BOB, in_reply_to=["question@a"], recipients=frozenset([ANN]))
    assert (found.conversation_id, found.placement.evidence["part"]) == (1, "name_each_other")
    assert decide(shelf, EVE, in_reply_to=["question@a"], recipients=frozenset([ANN])).conversation_id is None
    assert decide(shelf, BOB, in_reply_to=["question@a"]).conversation_id is None, "To and Cc are Ann's claim"
    crowd: list[Key] = [ANN, *(("email", f"c{n}@x.test") for n in range(CROWD))]
    assert decide(shelf, BOB, in_reply_to=["question@a"], recipients=frozenset(crowd)).conversation_id is None


def test_whom_we_wrote_to_answers_us_and_not_whoever_names_him() -> None:
    shelf = Shelf()
    shelf.put(1, "bait@e", EVE, to=[BOB])
    shelf.put(1, "ours@us", BOB, EVE, out=True, ours=True, to=[BOB, EVE])
    assert decide(shelf, BOB, in_reply_to=["ours@us"]).conversation_id == 1
    assert decide(shelf, BOB, in_reply_to=["bait@e"]).conversation_id is None
    assert decide(shelf, BOB, header_id="other@b", references=["bait@e"]).conversation_id is None


# Several who answer all, and several whom one mail would gather


def test_who_answers_all_joins_all_who_do() -> None:
    shelf = Shelf()
    shelf.put(1, "question@a", ANN, to=[BOB, EVE])
    shelf.put(1, "answer@b", BOB, to=[ANN, EVE])
    assert decide(shelf, EVE, in_reply_to=["question@a"], recipients=frozenset([ANN])).conversation_id == 1, (
        "Bob named her"
    )
    shelf.heads[2] = (BOB, frozenset([ANN]))
    assert decide(shelf, EVE, in_reply_to=["question@a"], recipients=frozenset([ANN, BOB])).conversation_id == 1


def test_answers_to_one_mail_gather_nobody_who_does_not_know_the_others() -> None:
    """Somebody wrote under another one's address, whom many answer: each of them would be shown to all."""
    shelf = Shelf()
    shelf.put(1, "news@shop", EVE, to=[ANN, BOB])
    shelf.put(1, "answer@a", ANN, to=[EVE])
    found = decide(shelf, BOB, in_reply_to=["news@shop"], recipients=frozenset([EVE]))
    assert (found.conversation_id, found.related) == (None, (1,))


def test_whom_we_brought_in_keeps_nobody_out() -> None:
    shelf = Shelf()
    shelf.put(1, "question@a", ANN, to=[BOB])
    shelf.put(1, "forward@us", EVE, out=True, ours=True, to=[EVE])
    shelf.put(1, "answer@e", EVE)
    assert decide(shelf, BOB, in_reply_to=["question@a"], recipients=frozenset([ANN])).conversation_id == 1
    shelf.messages[1], shelf.messages[2] = shelf.messages[2], shelf.messages[1]
    shelf.heads[2], shelf.heads[3] = shelf.heads[3], shelf.heads[2]
    found = decide(shelf, BOB, in_reply_to=["question@a"], recipients=frozenset([ANN]))
    assert found.conversation_id is None, "she was there before we wrote to her"
    shelf.put(1, "again@e", EVE)
    found = decide(shelf, BOB, in_reply_to=["question@a"], recipients=frozenset([ANN]))
    assert found.conversation_id is None, "and that she writes again changes nothing"


def test_where_not_all_can_be_looked_at_nobody_new_is_let_in() -> None:
    shelf = Shelf()
    shelf.put(1, "question@a", ANN, to=[BOB])
    for n in range(LETTERS_CAP - 2):
        shelf.put(1, f"more{n}@a", ANN)
    answer = {"in_reply_to": ["question@a"], "recipients": frozenset([ANN])}
    assert decide(shelf, BOB, **answer).conversation_id == 1
    shelf.put(1, "last@a", ANN)
    assert decide(shelf, BOB, **answer).conversation_id is None


def test_two_who_answer_what_is_not_here_and_one_another_belong_together() -> None:
    shelf = Shelf()
    shelf.put(1, "answer@a", ANN, refers=["question@e"], to=[BOB, EVE])
    found = decide(shelf, BOB, in_reply_to=["question@e"], recipients=frozenset([ANN]))
    assert (found.conversation_id, found.placement.evidence["part"]) == (1, "name_each_other")
    assert decide(shelf, BOB, in_reply_to=["question@e"], recipients=frozenset([EVE])).conversation_id is None


def test_what_we_answer_that_is_not_here_stands_with_whom_we_wrote_to() -> None:
    shelf = Shelf()
    shelf.put(1, "answer@a", ANN, refers=["offer@list"])
    shelf.put(2, "answer@b", BOB, refers=["offer@list"])
    ours = {"in_reply_to": ["offer@list"], "ours": True}
    assert decide(shelf, None, recipients=frozenset([BOB]), **ours).conversation_id == 2
    assert decide(shelf, None, recipients=frozenset([EVE]), **ours).conversation_id is None


# Several under one Message-ID


def test_copies_of_one_letter_are_no_several() -> None:
    """It went to two addresses of ours."""
    shelf = Shelf()
    for home in (1, 2):
        shelf.put(home, "question@a", ANN, to=[BOB])
    assert decide(shelf, BOB, in_reply_to=["question@a"], recipients=frozenset([ANN])).conversation_id == 1
    shelf.put(3, "answer@e", EVE, refers=["question@a"], to=[ANN])
    shelf.heads = {n: (author, frozenset([EVE]) if author == ANN else to) for n, (author, to) in shelf.heads.items()}
    asked = {"header_id": "question@a", "recipients": frozenset([EVE])}
    assert decide(shelf, ANN, **asked).conversation_id == 3
    shelf.heads[2] = (ANN, frozenset([BOB]))
    assert decide(shelf, ANN, **asked).conversation_id is None


def test_of_several_under_one_id_ours_is_meant() -> None:
    shelf = Shelf()
    shelf.put(1, "news@us", out=True)
    shelf.put(2, "news@us", EVE, to=[ANN])
    found = decide(shelf, ANN, in_reply_to=["news@us"], recipients=frozenset([EVE]))
    assert (found.conversation_id, found.related) == (None, (1,))
    shelf.people[1] = {ANN}
    assert decide(shelf, ANN, in_reply_to=["news@us"]).conversation_id == 1


def test_several_foreign_ones_under_one_id_prove_nothing() -> None:
    shelf = Shelf()
    shelf.put(1, "same@x", EVE, to=[ANN])
    shelf.put(2, "same@x", BOB, to=[ANN])
    found = decide(shelf, ANN, in_reply_to=["same@x"], recipients=frozenset([BOB, EVE]))
    assert (found.conversation_id, found.placement.evidence["reason"]) == (None, "doubled")
    ours = decide(shelf, None, in_reply_to=["same@x"], ours=True, recipients=frozenset([BOB]))
    assert ours.conversation_id == 2, "whom we wrote to says which"
    assert decide(shelf, None, in_reply_to=["same@x"], ours=True, recipients=frozenset([ANN])).conversation_id is None


def test_a_second_mail_under_an_id_gathers_no_answers() -> None:
    shelf = Shelf()
    shelf.put(1, "question@a", ANN, to=[BOB])
    shelf.put(2, "answer@b", BOB, refers=["question@a"], to=[ANN, EVE])
    shelf.put(2, "late@b", BOB, refers=["news@us"], to=[EVE])
    assert decide(shelf, EVE, header_id="question@a", recipients=frozenset([BOB])).conversation_id is None
    shelf.put(3, "news@us", out=True)
    shelf.put(2, "own@e", EVE)
    assert decide(shelf, EVE, header_id="news@us", recipients=frozenset([BOB])).conversation_id is None


# Spam


def test_nobody_is_put_into_the_spam_of_another_one() -> None:
    shelf = Shelf(contacts={1: 7, 2: 8}, spam={1})
    shelf.put(1, "bait@e", EVE, to=[ANN])
    shelf.put(1, "own@a", ANN, to=[EVE])
    found = decide(shelf, ANN, in_reply_to=["own@a"], contact_id=8, recipients=frozenset([EVE]))
    assert (found.conversation_id, found.placement.evidence["reason"]) == (None, "spam")
    assert decide(shelf, EVE, in_reply_to=["bait@e"], contact_id=7).conversation_id == 1, "his own stays where it is"


@pytest.mark.parametrize(
    ("filed", "more", "home"),
    [
        (True, {}, None),
        (True, {"in_junk": True}, 1),
        (True, {"in_junk": True, "distrusted": True}, 1),
        (True, {"ours": True}, None),
        (False, {}, 1),
        (False, {"ours": True}, 1),
    ],
)
def test_what_only_a_server_called_spam_takes_in_nothing_from_elsewhere(
    filed: bool, more: dict[str, object], home: int | None
) -> None:
    shelf = Shelf(contacts={1: 7}, spam={1}, filed={1} if filed else set())
    shelf.put(1, "own@a", ANN, refers=["missing@x", "new@x"])
    for refers in ({"in_reply_to": ["own@a"]}, {"references": ["missing@x"]}, {}):
        if refers != {"references": ["missing@x"]} or "ours" not in more:  # what ours refers to besides is no evidence
            assert decide(shelf, ANN, contact_id=7, **refers, **more).conversation_id == home


def test_what_is_distrusted_goes_to_nothing_in_sight() -> None:
    shelf = Shelf(contacts={1: 7})
    shelf.put(1, "own@a", ANN, refers=["new@x"])
    shelf.put(1, "ours@us", ANN, out=True, ours=True)
    for header in ("own@a", "ours@us", "none@x"):
        found = decide(shelf, in_reply_to=[header], contact_id=7, in_junk=True, distrusted=True)
        assert (found.conversation_id, found.related) == (None, (1,))
        assert found.placement.evidence["reason"] == "distrusted"
        assert decide(shelf, in_reply_to=[header], contact_id=7, in_junk=True).conversation_id == 1


def test_a_copy_to_a_crowd_lets_nobody_in() -> None:
    shelf = Shelf()
    shelf.put(1, "news@a", ANN, to=[BOB, *(("email", f"c{n}@x.test") for n in range(CROWD))])
    assert decide(shelf, BOB, in_reply_to=["news@a"]).conversation_id is None


def test_a_part_in_the_conversation_weighs_more_than_a_copy_under_a_stolen_id() -> None:
    """Who knows an id can write another message under it, with a copy to whom he wants to draw in."""
    shelf = Shelf()
    shelf.put(1, "question@a", EVE, to=[ANN])
    shelf.put(2, "question@a", ANN)
    assert decide(shelf, ANN, in_reply_to=["question@a"]).conversation_id == 2


# History, which arrives backwards


def test_what_went_to_the_author_of_its_answer_joins_it_where_that_one_answered_it() -> None:
    shelf = Shelf()
    shelf.put(1, "answer@b", BOB, refers=["question@a"], to=[ANN])
    assert decide(shelf, ANN, header_id="question@a", recipients=frozenset([BOB])).conversation_id == 1
    assert decide(shelf, ANN, header_id="question@a", recipients=frozenset([EVE])).conversation_id is None
    assert decide(shelf, EVE, header_id="question@a", recipients=frozenset([BOB])).conversation_id is None


def test_a_mail_under_the_id_that_many_answered_gathers_none_of_them() -> None:
    shelf = Shelf(contacts={1: 7, 2: 8})
    shelf.put(1, "answer@a", ANN, refers=["offer@list"])
    shelf.put(2, "answer@b", BOB, refers=["offer@list"])
    found = decide(shelf, EVE, header_id="offer@list", recipients=frozenset([ANN, BOB]))
    assert (found.conversation_id, found.joins, found.related) == (None, (), (1, 2))


def test_a_stranger_draws_nobody_in_by_a_copy() -> None:
    """He refers beforehand to what another one will write, and puts that one in copy."""
    shelf = Shelf()
    shelf.put(1, "bait@e", EVE, refers=["question@a"], to=[ANN])
    assert decide(shelf, ANN, header_id="question@a").conversation_id is None
    assert decide(shelf, ANN, header_id="other@a", references=["question@a"]).conversation_id is None


def test_what_was_answered_joins_its_answer() -> None:
    shelf = Shelf()
    shelf.put(1, "answer@us", ANN, out=True, ours=True, refers=["question@a"])
    found = decide(shelf, ANN, header_id="question@a")
    assert (found.conversation_id, found.placement.evidence["field"]) == (1, "answered_by")
    assert [one.header for one in found.answered_by] == ["answer@us"]


def test_the_people_of_a_conversation_are_asked_for_once_however_many_of_its_messages_refer_to_this_one() -> None:
    shelf = Shelf()
    for n in range(5):
        shelf.put(1, f"answer{n}@us", ANN, out=True, ours=True, refers=["question@a"])
        shelf.put(2, f"forged{n}@e", EVE, refers=["question@a"])
    found = decide(shelf, ANN, header_id="question@a")
    assert (found.conversation_id, len(found.answered_by)) == (1, 5)
    assert sorted(shelf.asked) == [1, 2]


def test_what_we_wrote_joins_the_answer_of_whom_we_wrote_to() -> None:
    shelf = Shelf()
    shelf.put(1, "answer@a", ANN, refers=["ours@us"])
    found = decide(shelf, None, header_id="ours@us", ours=True, recipients=frozenset([ANN]))
    assert found.conversation_id == 1


def test_an_orphan_of_a_stranger_stays_alone() -> None:
    shelf = Shelf()
    shelf.put(1, "forged@e", EVE, refers=["question@a"])
    found = decide(shelf, ANN, header_id="question@a")
    assert (found.conversation_id, found.related) == (None, (1,))


def test_a_link_between_two_conversations_of_one_customer_joins_them() -> None:
    shelf = Shelf(contacts={1: 7, 2: 7})
    shelf.put(1, "first@a", ANN)
    shelf.put(2, "third@a", ANN, refers=["second@a"])
    found = decide(shelf, ANN, header_id="second@a", in_reply_to=["first@a"])
    assert (found.conversation_id, found.joins, len(found.answered_by)) == (1, (2,), 1)


@pytest.mark.parametrize(
    ("contacts", "ours", "spam", "joined"),
    [
        ({1: 7, 2: 7}, False, set(), True),
        ({1: 7, 2: 8}, False, set(), False),
        ({1: 7}, False, set(), False),
        ({}, False, set(), False),
        ({1: 7, 2: 8}, True, set(), False),
        ({1: 7}, True, set(), True),
        ({}, True, set(), True),
        ({1: 7, 2: 7}, False, {1}, False),
        ({1: 7, 2: 7}, True, {2}, False),
    ],
)
def test_what_a_message_makes_one(contacts: dict[int, int], ours: bool, spam: set[int], joined: bool) -> None:
    shelf = Shelf(contacts=contacts)
    shelf.put(1, "first@a", ANN)
    shelf.put(2, "third@a", ANN, refers=["second@a"])
    shelf.spam = spam
    more = {"ours": ours, "contact_id": contacts.get(1), "recipients": frozenset([ANN])}
    found = decide(shelf, ANN, header_id="second@a", in_reply_to=["first@a"], **more)
    assert found.conversation_id == 1
    assert (found.joins == (2,)) is joined
    assert (len(found.answered_by) == 1) is joined


def test_what_ours_joins_has_one_customer_in_all() -> None:
    shelf = Shelf(contacts={2: 7, 3: 8, 4: 7})
    for home in (1, 2, 3, 4):
        shelf.put(home, f"answer{home}@a", ANN, refers=["ours@us"])
    found = decide(shelf, None, header_id="ours@us", ours=True, recipients=frozenset([ANN]))
    assert (found.conversation_id, found.joins) == (1, (2, 4))


def test_what_several_customers_answered_begins_its_own() -> None:
    shelf = Shelf(contacts={1: 7, 2: 8})
    shelf.put(1, "answer@a", ANN, refers=["question@e"], to=[EVE])
    shelf.put(2, "answer@b", BOB, refers=["question@e"], to=[EVE])
    asked = {"header_id": "question@e", "recipients": frozenset([ANN, BOB])}
    found = decide(shelf, EVE, **asked)
    assert (found.conversation_id, found.placement.evidence["reason"]) == (None, "several")
    assert decide(shelf, EVE, contact_id=8, **asked).conversation_id == 2, "one of them is his own"


# Reports


def reported(*about: str, envelope: str = "", subject: str = "") -> Reported:
    return Reported(about, envelope, Heading(subject=safe(subject)), vouched=True)


def test_a_report_goes_to_what_it_is_about() -> None:
    shelf = Shelf()
    shelf.put(1, "question@a", ANN)
    shelf.put(1, "ours@us", ANN, out=True, ours=True)
    found = decide(shelf, ("email", "mailer-daemon@mx.test"), report=reported("ours@us"))
    assert (found.conversation_id, found.placement.rule) == (1, Rule.DELIVERY_REPORT)
    assert found.about is not None
    assert found.about.header == "ours@us"


def test_a_report_about_what_is_not_ours_is_a_stranger() -> None:
    shelf = Shelf()
    shelf.put(1, "question@a", ANN)
    found = decide(shelf, EVE, report=reported("question@a"), references=["question@a"])
    assert (found.conversation_id, found.about) == (None, None)


def test_of_several_under_one_id_a_report_goes_to_the_one_that_it_gives_back() -> None:
    shelf = Shelf()
    shelf.put(1, "ours@us", out=True, ours=True)
    shelf.put(2, "ours@us", out=True, ours=True)
    shelf.headings = {1: Heading(subject=safe("One")), 2: Heading(subject=safe("Another"))}
    assert decide(shelf, EVE, report=reported("ours@us", subject="Another")).conversation_id == 2
    assert decide(shelf, EVE, report=reported("ours@us", subject="Neither")).conversation_id is None


def test_the_name_of_an_envelope_comes_before_all_that_is_given_back() -> None:
    shelf = Shelf()
    shelf.put(1, "one@us", out=True, ours=True)
    shelf.put(2, "two@us", out=True, ours=True)
    shelf.envelopes = {2: "name"}
    assert decide(shelf, EVE, report=reported("one@us", envelope="name")).conversation_id == 2
    assert decide(shelf, EVE, report=reported("two@us", envelope="other")).conversation_id is None
    assert decide(shelf, EVE, report=reported("one@us", envelope="other")).conversation_id == 1


KEYS: list[Key] = [ANN, BOB, EVE]
_IDS = st.sampled_from([f"{n}@x" for n in range(6)])


@given(
    st.lists(st.tuples(st.integers(1, 4), _IDS, st.sampled_from(KEYS), st.booleans(), st.lists(_IDS, max_size=3))),
    st.sampled_from(KEYS),
    st.lists(_IDS, max_size=4),
    st.lists(_IDS, max_size=4),
    _IDS,
)
def test_no_one_gets_into_a_conversation_he_has_no_part_in(
    shelved: list[tuple[int, str, Key, bool, list[str]]],
    author: Key,
    in_reply_to: list[str],
    references: list[str],
    header: str,
) -> None:
    shelf = Shelf()
    for conversation, one, key, out, refers in shelved:
        shelf.put(conversation, one, key, out=out, refers=refers)
    found = decide(shelf, author, in_reply_to=in_reply_to, references=references, header_id=header)
    assert found.joins == (), "nobody is known to be anybody's customer"
    assert found.conversation_id is None or author in shelf.participants(found.conversation_id)
    assert (found.conversation_id is None) == (found.placement.rule in (Rule.NEW, Rule.STRANGER))


@pytest.mark.parametrize("rule", [Rule.NEW, Rule.STRANGER])
def test_every_placement_says_why(rule: Rule) -> None:
    shelf = Shelf()
    if rule is Rule.STRANGER:
        shelf.put(1, "one@a", ANN)
    found = decide(shelf, EVE, in_reply_to=["one@a"])
    assert found.placement.rule is rule
    assert bool(found.placement.evidence) is (rule is Rule.STRANGER)
