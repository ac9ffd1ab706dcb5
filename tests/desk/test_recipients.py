from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from agent_tui.content.compose import NewMail, compose
from agent_tui.content.mail import read_mail
from agent_tui.content.safe import safe
from agent_tui.desk import recipients
from agent_tui.domain.message import Direction, Person
from agent_tui.domain.times import Micros
from tests.desk.make import OLENA, OWN, SUPPORT, message, who


def test_a_reply_goes_to_its_author() -> None:
    assert recipients.answer_to(message(), OWN).to == (OLENA,)


def test_reply_to_is_followed_and_told() -> None:
    answer = recipients.answer_to(message(reply_to=(who("other@elsewhere.example"),)), OWN)
    assert [p.address for p in answer.to] == ["other@elsewhere.example"]
    assert answer.reply_to_differs
    assert not recipients.answer_to(message(reply_to=(who("OLENA.K@example.com"),)), OWN).reply_to_differs


def test_reply_to_is_told_whoever_the_author_claims_to_be() -> None:
    evil, helper = who("evil@evil.example", "Olena K."), who("helper@evil.example")
    for author in (SUPPORT, who("")):
        answer = recipients.answer_to(message(author=author, reply_to=(evil,)), OWN)
        assert answer.elsewhere == (evil,)
    assert recipients.answer_to(message(reply_to=(OLENA, helper)), OWN).elsewhere == (helper,)


def test_a_reply_to_of_ours_is_not_followed() -> None:
    """Some customers' programs copy our address into Reply-To: the answer would come back to us."""
    answer = recipients.answer_to(message(reply_to=(who("support@aurora.example"),)), OWN)
    assert answer.to == (OLENA,)


def test_reply_all_never_answers_ourselves() -> None:
    asked = message(
        to=(SUPPORT, who("bob@example.com"), who("BILLING@Aurora.example")),
        cc=(who("support+urgent@aurora.example"), who("carol@example.com"), who("Bob@example.com"), OLENA),
    )
    answer = recipients.answer_to(asked, OWN, everybody=True)
    assert [p.address for p in answer.to] == ["olena.k@example.com", "bob@example.com"]
    assert [p.address for p in answer.cc] == ["carol@example.com"]


def test_answering_our_own_message_goes_to_whom_it_went() -> None:
    ours = message(direction=Direction.OUT, author=SUPPORT, to=(OLENA,), cc=(who("bob@example.com"),))
    assert recipients.answer_to(ours, OWN).to == (OLENA,)
    assert [p.address for p in recipients.answer_to(ours, OWN, everybody=True).cc] == ["bob@example.com"]


def test_an_author_without_a_clean_address_gets_nothing() -> None:
    assert recipients.answer_to(message(author=who("", "a@b.example, c@d.example")), OWN).to == ()


def test_an_address_is_one_in_either_spelling_of_its_domain_and_no_other() -> None:
    key = recipients.address_key
    assert key("Kunde@Straße.example") == key("kunde@xn--strae-oqa.example")
    assert key("kunde@straße.example") != key("kunde@strasse.example")
    assert key("weiß@b.example") != key("weiss@b.example")
    assert recipients.is_own("info+x@straße.example", {key("info@xn--strae-oqa.example")})
    assert not recipients.is_own("info@straße.example", {key("info@strasse.example")})


def test_sent_from_the_address_that_was_written_to() -> None:
    own = (SUPPORT.address, who("billing@aurora.example").address)
    asked = message(to=(who("x@example.com"),), cc=(who("Billing+eu@aurora.example"),))
    assert recipients.written_to(asked, own) == "billing@aurora.example"
    assert recipients.written_to(message(to=(who("list@lists.example"),)), own) == ""


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("olena@example.com", [("", "olena@example.com")]),
        ("Olena K <o@example.com>; bob@example.org", [("Olena K", "o@example.com"), ("", "bob@example.org")]),
        (
            '"Weber, Jürgen" <j.weber@example.de>, a@b.example',
            [("Weber, Jürgen", "j.weber@example.de"), ("", "a@b.example")],
        ),
        ("kasse@bücher.example", [("", "kasse@xn--bcher-kva.example")]),
        ("kunde@straße.example", [("", "kunde@xn--strae-oqa.example")]),
        ("a@b.example, A@B.EXAMPLE", [("", "a@b.example")]),
        ("Олена <olena@приклад.укр>", [("Олена", "olena@xn--80aikifvh.xn--j1amh")]),
        ("  ,; \n ", []),
    ],
)
def test_typed_recipients(typed: str, expected: list[tuple[str, str]]) -> None:
    read = recipients.parse(typed)
    assert not read.unread
    assert [(p.name, p.address) for p in read.people] == expected


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("olena", "no_at"),
        ("a@b@c.example", "ambiguous"),
        ("<a@b.example> <c@d.example>", "ambiguous"),
        ("a(b)@c.example", "ambiguous"),
        ('"a@evil.example"@b.example', "ambiguous"),
        ("a..b@c.example", "bad_local"),
        ("олена@example.com", "bad_local"),
        ("a@localhost", "bad_domain"),
        ("a@-x.example", "bad_domain"),
        ("a@127.0.0.1", "bad_domain"),
        ("a@" + "x" * 70 + ".example", "bad_domain"),
        ("a\r\nBcc: x@y.example", "ambiguous"),
        ("a@b.example\x00", "ambiguous"),
    ],
)
def test_what_cannot_be_read_is_named(typed: str, code: str) -> None:
    read = recipients.parse(typed)
    assert code in {piece.code for piece in read.unread} or (code == "ambiguous" and read.unread)


@given(st.text(max_size=80))
def test_nothing_typed_is_an_error(typed: str) -> None:
    for person in recipients.parse(typed).people:
        assert person.address.count("@") == 1
        assert person.address.isascii()
        assert not any(char in person.address for char in ' \r\n\0<>",;')


NAMES = st.one_of(
    st.text(max_size=20),
    st.text(st.sampled_from('ab <>"\\,;:()[]@.\t\u3000\u202eé'), max_size=12),
    st.sampled_from(["foo <ceo@bank.example>", "x\\", '"', '\\"', 'a\\" <v@v.example>, "', "Smith, Ann (work)"]),
)
ADDRESSES = st.sampled_from(["a@b.example", "c.d@e.example", "f+g@h.example"])


@given(st.lists(st.tuples(NAMES, ADDRESSES), max_size=3))
def test_shown_recipients_read_back(pairs: list[tuple[str, str]]) -> None:
    """Whatever somebody calls himself, he can be answered, and nobody else gets the answer."""
    people = recipients.unique(Person(safe(name, one_line=True), safe(address)) for name, address in pairs)
    field = recipients.one_line(recipients.shown(people))
    read = recipients.parse(field)
    assert read.unread == ()
    assert [(p.name, p.address) for p in read.people] == [
        ("" if p.name == p.address else p.name, p.address) for p in people
    ]


@given(NAMES)
def test_such_a_name_travels(name: str) -> None:
    person = Person(safe(name, one_line=True), safe("a@b.example"))
    other = who("c@d.example", "Bob")
    raw = compose(
        NewMail(
            sender=SUPPORT,
            to=(person, other),
            cc=(),
            subject=safe("x"),
            text=safe("x"),
            message_id="1@a.example",
            date=Micros(1),
            in_reply_to="",
            references=(),
        )
    )
    assert [p.address for p in read_mail(raw).to] == ["a@b.example", "c@d.example"]


def test_changed_recipients() -> None:
    change = recipients.compare([OLENA, who("bob@example.com")], [OLENA, who("maria@partner.example")])
    assert change.added == {"maria@partner.example"}
    assert [p.address for p in change.removed] == ["bob@example.com"]
