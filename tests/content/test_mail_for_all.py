"""Domains where everybody may have an address, and those that only look like one."""

from __future__ import annotations

import pytest

from agent_tui.content.mail import read_mail
from agent_tui.content.mail_for_all import is_a_provider, is_mail_for_all

OPEN = """
    gmail.com googlemail.com icloud.com proton.me protonmail.com pm.me fastmail.com tutanota.com hey.com zoho.com
    outlook.de outlook.com.br hotmail.co.uk hotmail.fr live.nl msn.com yahoo.co.uk yahoo.de yahoo.com.br yahoo.co.jp
    gmx.at gmx.com gmx.ch web.de t-online.de freenet.de yandex.ru yandex.com ya.ru yandex.kz inbox.ru mail.ru list.ru
    bk.ru internet.ru ukr.net i.ua meta.ua orange.fr wanadoo.fr free.fr laposte.net libero.it virgilio.it tiscali.it
    wp.pl onet.pl interia.pl o2.pl seznam.cz qq.com 163.com 126.com naver.com rediffmail.com comcast.net verizon.net
    att.net btinternet.com virginmedia.com sky.com shaw.ca rogers.com telus.net bigpond.com uol.com.br terra.com.br
    sapo.pt aol.com YAHOO.DE yahoo.de.
"""
OWN = """
    example.com customer.test yahoo.evil.br yahoo.evil.com mail.evil.test gmx.de.evil.test notgmail.com gmail.com.evil.test
    orange.com vodafone.com mail.customer.example web.example free.example o2.com outlook yahoo.com.evil
"""


@pytest.mark.parametrize("domain", OPEN.split())
def test_everybody_may_have_an_address_there(domain: str) -> None:
    assert is_mail_for_all(domain)


@pytest.mark.parametrize("domain", [*OWN.split(), "", "gmaıl.com", "yahoo."])
def test_others_are_their_owners_own(domain: str) -> None:
    assert not is_mail_for_all(domain)


def test_a_family_under_an_ending_of_which_nothing_is_known_is_no_house_and_no_provider_either() -> None:
    assert is_mail_for_all("hotmail.cm")
    assert not is_a_provider("hotmail.cm")
    for own, sender in (("hotmail.com", "hotmail.cm"), ("yahoo.com", "yahoo.co"), ("web.de", "web.de.xx")):
        raw = f"From: x@{sender}\r\n\r\nHello\r\n".encode()
        assert "lookalike_sender" in read_mail(raw, own_addresses=frozenset({f"shop@{own}"})).warnings


@pytest.mark.parametrize(
    ("own", "sender"), [("gmx.de", "gmx.at"), ("outlook.de", "outlook.dk"), ("mail.com", "gmail.com")]
)
def test_providers_resemble_one_another(own: str, sender: str) -> None:
    raw = f"From: x@{sender}\r\n\r\nHello\r\n".encode()
    assert "lookalike_sender" not in read_mail(raw, own_addresses=frozenset({f"shop@{own}"})).warnings
