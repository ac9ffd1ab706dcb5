"""Answers written in mail programs that send HTML alone."""

from __future__ import annotations

import pytest

from agent_tui.content.mail import read_mail
from tests.content.test_visible_reply import visible

REPLIES: dict[str, tuple[str, str]] = {
    "outlook ru html": (
        '<html><body lang=RU><div class=WordSection1><p class=MsoNormal>Добрый день!<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Всё получили.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>С уважением,<o:p></o:p></p><p class=MsoNormal>Иван Петров<o:p></o:p></p><p class=MsoNormal>+7 495 123-45-67<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal><b><span lang=EN-US>From:</span></b><span lang=EN-US> Aurora &lt;support@aurora.example&gt; <br><b>Sent:</b> Tuesday, November 24, 2026 9:12 AM<br><b>To:</b> Ivan<br><b>Subject:</b> RE: x<o:p></o:p></span></p></div></div><p class=MsoNormal>Старый текст<o:p></o:p></p></div></body></html>',
        "Добрый день!\n\nВсё получили.",
    ),
    "mailru html": (
        '<HTML><BODY><div>Спасибо!</div><div>&nbsp;</div><div>--<br>Иван</div><div>&nbsp;</div><blockquote style="border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px;">Вторник, 24 ноября 2026, 9:12 +03:00 от Aurora &lt;support@aurora.example&gt;:<br>&nbsp;<div id="">Старый текст</div></blockquote></BODY></HTML>',
        "Спасибо!",
    ),
    "gmx html": (
        '<html><head></head><body><div style="font-family: Verdana;"><div>Danke, alles da.</div><div>&nbsp;</div><div style="margin: 10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;" name="quote"><div style="margin:0 0 10px 0;"><b>Gesendet:</b>&nbsp;Dienstag, 24. November 2026 um 09:12 Uhr<br/><b>Von:</b>&nbsp;"Aurora" &lt;support@aurora.example&gt;<br/><b>An:</b>&nbsp;x@y.example<br/><b>Betreff:</b>&nbsp;Re: x</div><div name="quoted-content">Alter Text</div></div></div></body></html>',
        "Danke, alles da.",
    ),
    "ukrnet html": (
        '<div>Дякую, отримала!</div><div>&nbsp;</div><div><i>24 листопада 2026, 09:12:15, від "Aurora" &lt;<a href="mailto:support@aurora.example">support@aurora.example</a>&gt;: </i></div><blockquote style="border-left:1px solid #cccccc;margin:0px 0px 0px 0.8ex;padding-left:1ex;">Старий текст</blockquote>',
        "Дякую, отримала!",
    ),
    "orange": (
        '<p>Merci, bien reçu.</p><p><br></p><blockquote>&gt; Message du 24/11/26 09:12<br>&gt; De : "Aurora" &lt;support@aurora.example&gt;<br>&gt; A : "X" &lt;x@y.example&gt;<br>&gt; Copie à : <br>&gt; Objet : Re: x<br>&gt;<br>&gt; Ancien texte</blockquote>',
        "Merci, bien reçu.",
    ),
    "hotmail android": (
        '<div dir="auto">Gracias, todo bien.</div><div id="ms-outlook-mobile-signature" dir="auto"><div><br></div>Obtener <a href="https://aka.ms/AAb9ysg">Outlook para Android</a></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>De:</b> Aurora &lt;support@aurora.example&gt;<br><b>Enviado:</b> martes, 24 de noviembre de 2026 9:12<br><b>Para:</b> x<br><b>Asunto:</b> RE: x</font><div>&nbsp;</div></div><div>Texto viejo</div>',
        "Gracias, todo bien.",
    ),
    "wp.pl": (
        "<html><body><p>Dziękuję, doszło.</p><p><br></p><p>Dnia 24 listopada 2026 09:12 Aurora &lt;support@aurora.example&gt; napisał(a):</p><blockquote><p>Stary tekst</p></blockquote></body></html>",
        "Dziękuję, doszło.",
    ),
    "interia": (
        '<p>Dziękuję!</p><hr><p>Od: "Aurora" &lt;support@aurora.example&gt;<br>Do: x@y.example<br>Wysłane: 9:12 Wtorek 2026-11-24<br>Temat: x</p><p>Stary tekst</p>',
        "Dziękuję!",
    ),
    "samsung it": (
        '<div>Grazie, ricevuto.</div><div><br></div><div id="composer_signature"><div style="font-size:85%">Inviato dal mio dispositivo Galaxy</div></div><div><br></div><div align="left" style="font-size:100%;color:#000000"><div>-------- Messaggio originale --------</div><div>Da: Aurora &lt;support@aurora.example&gt; </div><div>Data: 24/11/26  09:12  (GMT+01:00) </div><div>A: x@y.example </div><div>Oggetto: x </div><div><br></div></div>Vecchio testo',
        "Grazie, ricevuto.",
    ),
    "uol pt": (
        "<p>Obrigado, chegou.</p><p>Em 24/11/2026 09:12, Aurora &lt;support@aurora.example&gt; escreveu:</p><blockquote>Texto antigo</blockquote>",
        "Obrigado, chegou.",
    ),
    "apple ru": (
        '<html><body><div>Спасибо!</div><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Отправлено с iPhone</div><div dir="ltr"><br><blockquote type="cite">24 нояб. 2026 г., в 09:12, Aurora &lt;support@aurora.example&gt; написал(а):<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">\ufeffСтарый текст</div></blockquote></body></html>',
        "Спасибо!",
    ),
    "table layout": (
        "<table><tr><td>Hello, it came.</td></tr><tr><td><br></td></tr><tr><td>On Tue, 24 Nov 2026 at 09:12, Aurora &lt;support@aurora.example&gt; wrote:</td></tr><tr><td>Old text</td></tr></table>",
        "Hello, it came.",
    ),
}
"""The mail, and what is new in it."""


@pytest.mark.parametrize("name", REPLIES)
def test_what_is_new(name: str) -> None:
    source, new = REPLIES[name]
    raw = b'From: "Olena Koval" <o@x.example>\nContent-Type: text/html; charset=utf-8\n\n' + source.encode()
    mail = read_mail(raw)
    assert visible(mail).strip() == new
    assert mail.quoted


FORWARDS = {
    "gmail": (
        "Fwd: x",
        '<div>Please look.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>'
        "Von: <b>A</b> &lt;a@x.example&gt;<br>Date: Di., 24. Nov. 2026 um 09:12 Uhr<br>Subject: x<br>To: &lt;b@x.example&gt;<br></div><br>the news</div>",
    ),
    "outlook web": (
        "FW: x",
        '<div>Please look.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> A &lt;a@x.example&gt;<br><b>Sent:</b> '
        "Tuesday, November 24, 2026 9:12 AM<br><b>To:</b> B<br><b>Subject:</b> x</div><div>the news</div>",
    ),
    "apple": (
        "Fwd: x",
        '<div>Please look.</div><blockquote type="cite"><div>Begin forwarded message:</div><br><div><b>From: </b>A &lt;a@x.example&gt;</div>'
        "<div><b>Subject: </b>x</div><div><b>Date: </b>24. November 2026</div><br><div>the news</div></blockquote>",
    ),
    "thunderbird": (
        "Fwd: x",
        '<p>Please look.</p><div class="moz-forward-container"><br>-------- Weitergeleitete Nachricht --------<table class="moz-email-headers-table">'
        "<tr><th>Betreff: </th><td>x</td></tr><tr><th>Von: </th><td>A</td></tr></table><p>the news</p></div>",
    ),
}


@pytest.mark.parametrize("name", FORWARDS)
def test_what_is_forwarded_stays_in_sight(name: str) -> None:
    subject, source = FORWARDS[name]
    raw = f"From: o@x.example\nSubject: {subject}\nContent-Type: text/html; charset=utf-8\n\n{source}".encode()
    shown = visible(read_mail(raw))
    assert "Please look." in shown
    assert "the news" in shown
