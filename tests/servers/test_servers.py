"""The servers of the tests work as the tests believe."""

from __future__ import annotations

import smtplib

import pytest

from tests.servers.dovecot import Dovecot, token
from tests.servers.mailserver import MailServer, MailUser
from tests.servers.postfix import Postfix
from tests.servers.pymail import Pymail

MAIL = b"From: Ann <ann@customer.test>\r\nTo: u@example.test\r\nSubject: Hello\r\n\r\nText\r\n"


def _arrives_and_is_sent(server: MailServer) -> None:
    agent, customer = server.new_user(), server.new_user()
    server.deliver(MAIL, agent.address)
    assert b"Subject: Hello" in server.wait_for_mail(agent)[0]
    for implicit in (True, False):
        smtp = (
            smtplib.SMTP_SSL(server.host, server.smtps_port, context=server.tls())
            if implicit
            else smtplib.SMTP(server.host, server.smtp_port)
        )
        with smtp:
            if not implicit:
                smtp.starttls(context=server.tls())
            smtp.login(agent.address, agent.password)
            smtp.sendmail(agent.address, [customer.address], MAIL)
    assert len(server.wait_for_mail(customer, 2)) == 2


def test_pymail_carries_mail(pymail: Pymail) -> None:
    _arrives_and_is_sent(pymail)


@pytest.mark.servers
def test_postfix_carries_mail(postfix: Postfix) -> None:
    _arrives_and_is_sent(postfix)


@pytest.mark.servers
def test_dovecot_takes_passwords_and_tokens(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    dovecot.deliver(MAIL, user.address)
    assert len(dovecot.wait_for_mail(user)) == 1
    assert _token_accepted(dovecot, user, token(user.address))
    assert not _token_accepted(dovecot, user, token(user.address, lives=-60))


def _token_accepted(server: Dovecot, user: MailUser, text: str) -> bool:
    import imaplib

    line = imaplib.IMAP4_SSL(server.host, server.imaps_port, ssl_context=server.tls(), timeout=20)
    try:
        line.authenticate("XOAUTH2", lambda _: f"user={user.address}\1auth=Bearer {text}\1\1".encode())
    except imaplib.IMAP4.error:
        return False
    else:
        return True
    finally:
        line.shutdown()
