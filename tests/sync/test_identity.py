"""Addresses that are one, addresses that are not, and which are ours."""

from __future__ import annotations

import pytest

from agent_tui.content.safe import safe
from agent_tui.domain.account import Account
from agent_tui.domain.conversation import Channel
from agent_tui.domain.message import Person
from agent_tui.domain.text import SafeText
from agent_tui.sync.door import addresses_of
from agent_tui.sync.identity import Ours, email_key, foreign, identity_key, plain_name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann@Shop.Test", "ann@shop.test", True),
        ("ann@bücher.test", "ann@xn--bcher-kva.test", True),
        ("ann@shop.test.", "ann@shop.test", True),
        ("ann+tag@shop.test", "ann@shop.test", False),
        ("a.nn@gmail.com", "ann@gmail.com", False),
        ("ann@straße.test", "ann@strasse.test", False),
        ("ann@Straße.test", "ann@xn--strae-oqa.test", True),
        ("weiß@shop.test", "weiss@shop.test", False),
        ("ann@φως.test", "ann@φωσ.test", False),
        ("Анна@shop.test", "анна@shop.test", True),
        ("ann@shop.test", "аnn@shop.test", False),  # the second begins with a Cyrillic letter
    ],
)
def test_same_addresses(one: str, other: str, same: bool) -> None:
    assert (email_key(one) == email_key(other)) is same
    assert email_key(one) is not None


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "ann",
        "@shop.test",
        "ann@",
        "a b@shop.test",
        "ann@shop.test, bob@x.test",
        "a@b@c",
        "ann@sh\nop.test",
        "\u212aate@x.test",
        "kate@\u212aino.test",
        "o\ufb00ice@x.test",
        "ann@\u24d4x.test",
        "ann@x\u3002test",
        "ann@\uff58.test",
    ],
)
def test_what_is_no_address_is_nobody(bad: str) -> None:
    assert email_key(bad) is None


def test_ids_of_different_services_never_meet() -> None:
    assert identity_key("chat", "12345", "telegram") != identity_key("chat", "12345", "matrix")
    assert identity_key("phone", "+380 (44) 123-45-67", "x") == identity_key("phone", "+380441234567", "y")
    assert identity_key("email", "Ann@shop.test", "x") == email_key("ann@shop.test")
    assert identity_key("chat", "  ", "x") is None


def _person(address: str) -> Person:
    return Person(SafeText.trusted(""), SafeText.trusted(address))


def test_ours_are_no_customers() -> None:
    ours = Ours(["Support@shop.test", "not an address"])
    people = [_person("SUPPORT@shop.test"), _person("ann@a.test"), _person(""), _person("Ann@A.test")]
    assert [p.address for p in foreign(people, ours)] == ["ann@a.test"]
    assert people[0] in ours
    assert people[2] not in ours


def test_addresses_stand_in_the_options_too() -> None:
    def account(**options: object) -> Account:
        return Account("m", "imap", SafeText.trusted("m"), Channel.EMAIL, options)

    assert addresses_of(account(user="me@shop.test")) == ("me@shop.test",)
    assert addresses_of(account(user="me", addresses=["a@shop.test", "b@shop.test"])) == ("a@shop.test", "b@shop.test")
    assert addresses_of(account(user="me")) == ()


def test_a_domain_that_looks_like_ours_is_not_ours() -> None:
    ours = Ours(["support@strasse.test"])
    assert ours.has_domain("ann@Strasse.test")
    assert not ours.has_domain("ann@straße.test")
    assert not ours.has_domain("ann@\uff53trasse.test")
    assert not ours.wrote("support@straße.test")


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Olena", "Olena"),
        ("Olena @ Aurora", "Olena @ Aurora"),
        ("Dr. O. Koval", "Dr. O. Koval"),
        ("boss@bank.test", ""),
        ("boss@home", ""),
        ("boss＠bank.test", ""),
        ("boss﹫bank.test", ""),
        ("boss@bank․test", ""),
        ("boss @ bank.test", ""),
        ("The boss @ bank . test", ""),
        ("boss@bankꓸtest", ""),
    ],
)
def test_nobody_is_called_by_what_reads_as_an_address(name: str, called: str) -> None:
    assert plain_name(Person(safe(name), safe("x@evil.test"))) == called
