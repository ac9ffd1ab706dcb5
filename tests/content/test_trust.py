"""Who sent it, and whether the sender tries to be taken for another."""

from __future__ import annotations

import pytest

from agent_tui.content.mail import read_mail

OWN = frozenset({"support@aurora.example", "help@aurora-shop.example"})


def warnings(*headers: str, trusted: str = "") -> list[str]:
    raw = "\r\n".join(headers) + "\r\n\r\nHello\r\n"
    return list(read_mail(raw.encode(), own_addresses=OWN, trusted_authserv=trusted).warnings)


FROM = "From: Olena <o@x.example>"


@pytest.mark.parametrize(
    ("results", "failed"),
    [
        ("mx.aurora.example; dmarc=fail (p=reject) header.from=x.example", True),
        ("mx.aurora.example; spf=fail; dkim=none", True),
        ("mx.aurora.example 1; spf=fail; dkim=fail (bad) header.d=x.example", True),
        ("MX.aurora.example; dmarc=fail", True),
        ("mx.aurora.example; dmarc=pass; spf=fail; dkim=fail", False),
        ("mx.aurora.example; spf=fail; dkim=pass header.d=x.example", False),
        ("mx.aurora.example; spf=fail; dkim=pass header.i=@mail.x.example", False),
        ("mx.aurora.example; spf=fail; dkim=pass", False),
        ("mx.aurora.example; spf=fail; dkim=pass header.d=evil.example", True),
        ("mx.aurora.example; spf=fail; dkim=pass header.i=o@evil.example; dkim=fail header.d=x.example", True),
        ("mx.aurora.example; spf=fail; dkim=pass header.d=evil.example; dkim=pass header.d=x.example", False),
        ("mx.aurora.example; spf=pass; dkim=pass header.d=evil.example", False),
        ("mx.aurora.example; dmarc=pass header.from=evil.example", True),
        ("mx.aurora.example; dmarc=pass header.from=X.example", False),
        ("mx.aurora.example; spf=softfail; dkim=none", False),
        ("mx.aurora.example; none", False),
        ("mx.aurora.example (dmarc=fail); dmarc=pass", False),
        ("other.example; dmarc=fail", False),
        ("mx.aurora.example.evil.example; dmarc=fail", False),
        ("dmarc=fail", False),
        ("", False),
        ('"mx.aurora.example"; dmarc = (p=reject) fail', True),
        ("mx.aurora.example (a (b) \\) ; dmarc=pass); dmarc/1=fail", True),
        ('mx.aurora.example; spf=fail smtp.mailfrom="x dmarc=pass"@evil.example', True),
        ('mx.aurora.example; spf=fail smtp.mailfrom="x; dmarc=pass; \\"; dkim=pass"@evil.example', True),
        ("mx.aurora.example; spf=fail smtp.mailfrom=a;b smtp.helo=dkim=pass", True),
        ("mx.aurora.example; spf=fail reason=x dkim=pass", True),
        ("mx.aurora.example; spf=pass (x; dmarc=fail)", False),
        ('mx.aurora.example; spf=fail; dmarc=fail reason="', False),
        ("mx.aurora.example; dmarc=fail)", False),
        ("mx.aurora.example;" + "(" * 5000 + " dmarc=fail", False),
        ("mx.aurora.example;" + '"\\"' * 5000 + " dmarc=fail", False),
    ],
)
def test_only_the_verdict_of_our_own_server_counts(results: str, failed: bool) -> None:
    assert (
        "auth_failed" in warnings(f"Authentication-Results: {results}", FROM, trusted="mx.aurora.example")
    ) is failed
    assert "auth_failed" not in warnings(f"Authentication-Results: {results}", FROM), "not configured means unverified"


def test_only_the_topmost_counts() -> None:
    ours = "Authentication-Results: mx.aurora.example; dmarc=fail"
    forged = "Authentication-Results: mx.aurora.example; dmarc=pass"
    assert "auth_failed" in warnings(ours, forged, FROM, trusted="mx.aurora.example")
    assert "auth_failed" not in warnings(
        "Authentication-Results: other.example; x=y", ours, FROM, trusted="mx.aurora.example"
    )


def test_a_server_that_writes_a_header_for_each_method_is_heard_where_it_says_that_it_failed() -> None:
    spf, dkim, dmarc = (
        f"Authentication-Results: mx.aurora.example; {text}" for text in ("spf=fail", "dkim=none", "dmarc=fail")
    )
    assert "auth_failed" in warnings(dkim, spf, FROM, trusted="mx.aurora.example")
    assert "auth_failed" in warnings(dkim, dmarc, FROM, trusted="mx.aurora.example")
    assert "auth_failed" not in warnings(dkim, "Received: x", dmarc, FROM, trusted="mx.aurora.example")
    forged = "Authentication-Results: mx.aurora.example; dmarc=pass; dkim=pass"
    assert "auth_failed" in warnings(spf, forged, FROM, trusted="mx.aurora.example")


@pytest.mark.parametrize(
    ("results", "passed"),
    [
        ("dmarc=pass (p=none) header.from=x.example", True),
        ('dmarc=pass action=none header.from="X.example"', True),
        ("dmarc=pass header . from=x.example", True),
        ("dkim=pass header.d=evil.example; dmarc=pass header.from=x.example", True),
        ("dmarc=pass", True),
        ("dmarc=pass header.from=evil.example", False),
        ("dmarc=pass header . (x) from = evil.example", False),
        ("dmarc=pass header.from=x.example header.from=evil.example", False),
        ("dmarc=pass header.from=x.example; dmarc=none", False),
        ('spf=pass smtp.mailfrom="x dmarc=pass header.from=x.example"@evil.example', False),
        ('spf=pass smtp.mailfrom="x; dmarc=pass header.from=x.example"@evil.example', False),
        ("spf=pass smtp.mailfrom=dmarc=pass", False),
        ('dmarc=pass header.from=x.example; spf=pass smtp.mailfrom="a', False),
    ],
)
def test_only_a_verdict_of_dmarc_about_this_domain_confirms(results: str, passed: bool) -> None:
    raw = f"Authentication-Results: mx.aurora.example; {results}\r\n{FROM}\r\n\r\nHello\r\n".encode()
    assert read_mail(raw, trusted_authserv="mx.aurora.example").verified is passed
    lower = b"Authentication-Results: mx.aurora.example; spf=none\r\n" + raw
    assert not read_mail(lower, trusted_authserv="mx.aurora.example").verified, "the second may be the sender's own"


@pytest.mark.parametrize(
    "sender",
    [
        "Support <support@aur0ra.example>",
        "Support <support@auroa.example>",
        "Support <support@auorra.example>",
        "Support <support@аurora.example>",
        "Support <support@xn--urora-3ve.example>",
        "Support <x@aurora-sh0p.example>",
        '"support@aurora.example" <x@evil.example>',
        '"Aurora support@aurora.example" <x@evil.example>',
        "=?utf-8?b?U3VwcG9y0YI=?= <x@evil.example>",
        "Olena <o@аррӏе.com>",
        "Olena <o@straße.example>",
        "Olena <o@xn--strae-oqa.example>",
        f"refunds@bank.example.{'a' * 50}.evil.example",
        "support@aurora.example.evil.example",
        "support@aurora.example-login.evil.example",
        "support@mail.aurora.example.evil.example",
        "support@aurora.examples.aurora.example.evil.example",
        "help@bank.example\u2800\u2800\u2800.evil.example",
        "help@bank.example\u2215login.evil.example",
        "help@bank\ua4f8example.evil.example",
        "help@bank.example\u02d0x.evil.example",
        "help@bank.example\u0338x.evil.example",
        "help@bank.example\U0001d159.evil.example",
        "help@bank.exampleノlogin.evil.example",
        "help@bank.exampleǀlogin.evil.example",
        "help@ɑurelia.example",
        "help@xn--999999b.example",
        "=?utf-8?b?Ym9zc++8oGJhbmsuZXhhbXBsZQ==?= <x@evil.example>",  # U+FF20
        "=?utf-8?b?Ym9zc++5q2JhbmsuZXhhbXBsZQ==?= <x@evil.example>",  # U+FE6B
        "=?utf-8?b?Ym9zc0BiYW5r4oCkZXhhbXBsZQ==?= <x@evil.example>",  # U+2024
        "=?utf-8?b?Ym9zc0BiYW5rwrdleGFtcGxl?= <x@evil.example>",  # U+00B7
        '"boss @ bank.example" <x@evil.example>',
        '"boss@ bank . example" <x@evil.example>',
        '"me@home boss@bank.example" <x@evil.example>',
        "\N{CYRILLIC SMALL LETTER A}nn@x.example",
        "o.\N{CYRILLIC SMALL LETTER O}lena-7@x.example",
        "a" * 150 + "\N{CYRILLIC SMALL LETTER A}@x.example",
        '"ann@gmail.com" <eve@gmail.com>',
        '"Ann (ann@Proton.me)" <eve@proton.me>',
        '"eve@gmail.com ann@gmail.com" <eve@gmail.com>',
        '"ann @ fastmail.com" <mail@eve.fastmail.com>',
    ],
)
def test_lookalikes(sender: str) -> None:
    assert "lookalike_sender" in warnings(f"From: {sender}")


@pytest.mark.parametrize(
    "sender",
    [
        "Olena <o@x.example>",
        "Олена Коваль <o@x.example>",
        "Support <support@aurora.example>",
        "Shop <x@mail.aurora.example>",
        '"o@x.example" <o@x.example>',
        '"o@x.example" <o@mail.x.example>',
        "Jörg Müller <j@müller.example>",
        "Олена <o@пошта.укр>",
        "Олена <олена.коваль7@пошта.укр>",
        "Олена <олена.k@пошта.укр>",
        "Jörg <jörg@müller.example>",
        "日本 <o@日本.example>",
        "ソニーstore <o@ソニーstore.example>",
        "Мар’яна <o@мʼята.укр>",
        "Núria <o@col·legi.example>",
        '"o@müller.example" <o@müller.example>',
        '"o@x.example. Support" <o@x.example>',
        '"Support · o@x.example · Kyiv" <o@x.example>',
        '"Olena @ Aurora · Support" <o@x.example>',
        "Shop <o@aurora-shop.example>",
        "Bob <bob@auroras.example.community.example>",
        "Bob <bob@gmail.com>",
        '"Ann.Smith@gmail.com" <annsmith+shop@gmail.com>',
        '"office@x.example" <o@x.example>',
        "O'Neil, J. <j@x.example>",
    ],
)
def test_honest_senders(sender: str) -> None:
    assert "lookalike_sender" not in warnings(f"From: {sender}")


def test_a_provider_in_another_country_is_no_lookalike() -> None:
    raw = b"From: Ana <ana@yahoo.com.br>\r\n\r\nHello\r\n"
    assert "lookalike_sender" not in read_mail(raw, own_addresses=frozenset({"shop@yahoo.com"})).warnings
    assert (
        "lookalike_sender"
        in read_mail(raw.replace(b".br", b".evil.br"), own_addresses=frozenset({"shop@yahoo.com"})).warnings
    )


def test_reply_to() -> None:
    assert "reply_to_differs" in warnings(FROM, "Reply-To: other@y.example")
    assert "reply_to_differs" not in warnings(FROM, "Reply-To: Olena <O@X.example>")
    assert "reply_to_differs" not in warnings(FROM, "Reply-To: nonsense")
    assert "doubled_header" in warnings(FROM, "Reply-To: a@y.example", "Reply-To: o@x.example")
