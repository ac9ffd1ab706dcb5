"""What is new in a mail, told apart from what it quotes, over the mail programs and languages that customers use."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings, strategies as st

from agent_tui.content.quotes import split_reply
from agent_tui.content.safe import safe
from agent_tui.domain.message import Person

A = "Aurora Support <support@aurora.example>"
SHORT = "Aurora Support"

INTROS = {
    # webmail of Google
    "gmail en": f"On Tue, 24 Nov 2026 at 09:12, {A} wrote:",
    "gmail en us": f"On Tue, Nov 24, 2026 at 9:12 AM {A} wrote:",
    "gmail uk": f"вт, 24 лист. 2026 р. о 09:12 {A} пише:",
    "gmail ru": f"вт, 24 нояб. 2026 г. в 09:12, {A}:",
    "gmail de": f"Am Di., 24. Nov. 2026 um 09:12 Uhr schrieb {A}:",
    "gmail fr": f"Le mar. 24 nov. 2026 à 09:12, {A} a écrit :",
    "gmail es": "El mar, 24 nov 2026 a las 9:12, Aurora Support (<support@aurora.example>) escribió:",
    "gmail pl": f"wt., 24 lis 2026 o 09:12 {A} napisał(a):",
    "gmail it": f"Il giorno mar 24 nov 2026 alle ore 09:12 {A} ha scritto:",
    "gmail pt": f"Em ter., 24 de nov. de 2026 às 09:12, {A} escreveu:",
    "gmail nl": f"Op di 24 nov 2026 om 09:12 schreef {A}:",
    # Apple Mail
    "apple en": f"On 24 Nov 2026, at 09:12, {SHORT} <support@aurora.example> wrote:",
    "apple de": f"Am 24.11.2026 um 09:12 schrieb {A}:",
    "apple fr": f"Le 24 nov. 2026 à 09:12, {A} a écrit :",
    "apple ru": f"24 нояб. 2026 г., в 09:12, {A} написал(а):",
    "apple uk": f"24 лист. 2026 р. о 09:12 {A} написав(ла):",
    "apple it": f"Il giorno 24 nov 2026, alle ore 09:12, {A} ha scritto:",
    "apple es": f"El 24 nov 2026, a las 9:12, {A} escribió:",
    "apple pl": f"Wiadomość napisana przez {A} w dniu 24.11.2026, o godz. 09:12:",
    "apple pt": f"Em 24 de nov. de 2026, à(s) 09:12, {A} escreveu:",
    # Thunderbird
    "thunderbird en": f"On 24/11/2026 09:12, {SHORT} wrote:",
    "thunderbird de": f"Am 24.11.26 um 09:12 schrieb {SHORT}:",
    "thunderbird ru": f"24.11.2026 09:12, {SHORT} пишет:",
    "thunderbird uk": f"24.11.26 09:12, {SHORT} пише:",
    "thunderbird fr": f"Le 24/11/2026 à 09:12, {SHORT} a écrit :",
    "thunderbird it": f"Il 24/11/2026 09:12, {SHORT} ha scritto:",
    "thunderbird pl": f"W dniu 24.11.2026 o 09:12, {SHORT} pisze:",
    "thunderbird pt": f"Em 24/11/2026 09:12, {SHORT} escreveu:",
    "thunderbird es": f"El 24/11/26 a las 9:12, {SHORT} escribió:",
    # others
    "mail.ru": f"Вторник, 24 ноября 2026, 9:12 +03:00 от {A}:",
    "ukr.net": '24 листопада 2026, 09:12:15, від "Aurora Support" <support@aurora.example>:',
    "yandex": '24.11.2026, 09:12, "Aurora Support" <support@aurora.example>:',
    "libero": f"Il 24/11/2026 09:12 {A} ha scritto:",
    "wp.pl": f"Dnia 24 listopada 2026 09:12 {A} napisał(a):",
    "yahoo": f"On Tuesday, November 24, 2026 at 09:12:15 AM GMT+1, {A} wrote:",
    "yahoo fr": f"Le mardi 24 novembre 2026 à 09:12:15 UTC+1, {A} a écrit :",
    "yahoo es": f"El martes, 24 de noviembre de 2026, 09:12:15 CET, {A} escribió:",
    "fastmail": f"On Tue, Nov 24, 2026, at 9:12 AM, {SHORT} wrote:",
    "zoho": f"---- On Tue, 24 Nov 2026 09:12:00 +0100 {A} wrote ---",
    "horde": f"Quoting {A}:",
    "horde de": f"Zitat von {A}:",
    "mutt": f"On Tue, Nov 24, 2026 at 09:12:15AM +0100, {SHORT} wrote:",
    "gnus": f"{A} writes:",
    "apple old": "On 11-Apr-2026, at 6:54 PM, Aurora Support <support@aurora.example> wrote:",
    "mailto twice": "Le 24 nov. 2026 à 22:03, Aurora Support <support@aurora.example<mailto:support@aurora.example>> a écrit:",
    "gmail ru old": f"24 ноября 2026 г. 11:35 пользователь {A} написал:",
    "gmail pl old": f"W dniu 24 listopada 2026 01:53 użytkownik {A} napisał:",
    "apple nl": f"Op 24-nov.-2026, om 13:18 heeft {A} het volgende geschreven:",
    "gmail vi": f"Vào 14:24 24 tháng 11, 2026, {A} đã viết:",
    "gmail de android": f"Am 24.11.2026 3:33 nachm. schrieb {A}:",
    "notes": f"{A} wrote on 24/11/2026 09:12:05:",
    "notes de": "Aurora Support schrieb am 24.11.2026 09:12:05:",
    "airmail": "On November 24, 2026 at 9:12:15 AM, Aurora Support (support@aurora.example) wrote:",
    "spark": f"On Nov 24, 2026, 9:12 AM +0100, {A}, wrote:",
    "gmail ja": f"2026年11月24日(火) 9:12 {A}:",
    "gmail zh": f"{A} 于2026年11月24日周二 09:12写道：",
    "gmail tr": f"{A}, 24 Kas 2026 Sal, 09:12 tarihinde şunu yazdı:",
    "gmail cs": f"út 24. 11. 2026 v 9:12 odesílatel {A} napsal:",
    "gmail sv": f"Den tis 24 nov. 2026 kl 09:12 skrev {A}:",
    "gmail ro": f"În mar., 24 nov. 2026 la 09:12, {A} a scris:",
    "gmail hu": f"{A} ezt írta (időpont: 2026. nov. 24., K, 9:12):",
    "roundcube": "Am 24.11.2026 09:12, schrieb Aurora Support:",
    "tutanota": "Nov 24, 2026, 09:12 by support@aurora.example:",
    "tutanota uk": "24 лист. 2026 р., 09:12 від support@aurora.example:",
    "yahoo es en": f"En martes, 24 de noviembre de 2026, 09:12:15 CET, {A} escribió:",
    "zoho ru": f"---- Вкл Tue, 24 Nov 2026 09:12:00 +0200 {A} написал ----",
    "k-9 uk": f"24 листопада 2026 р. 09:12:15 GMT+02:00, {A} пише:",
    "evolution pl": f"W dniu wto, 24.11.2026 o godzinie 09∶12 +0100, użytkownik {A} napisał:",
    "evolution cs": f"{A} píše v Út 24. 11. 2026 v 09:12 +0100:",
    "open-xchange de": f"{A} hat am 24.11.2026 09:12 CET geschrieben:",
    "proton": f"On Tuesday, November 24th, 2026 at 9:12 AM, {A} wrote:",
    "outlook pt": f"{A} escreveu no dia terça, 24/11/2026 à(s) 09:12:",
}
ABOVE_QUOTES = (
    "Ви писали 24 листопада 2026 р., 09:12:15:",
    "Вы писали 24 ноября 2026 г., 09:12:15:",
    "Aurora Support писал(а) 24.11.2026 09:12:",
    "вівторок, 24 листопада 2026 р. 09:12:15 EET Aurora Support написано:",
    "У вт, 24/11/2026 у 09:12 +0200, Aurora Support пише:",
)
"""Without an address, or as a person might write: believed only above lines with `>`."""

BLOCKS = {
    "orange": f"Message du 24/11/26 09:12\nDe : {A}\nA : o@x.example\nCopie à :\nObjet : Re: x",
    "outlook en": f"From: {A}\nSent: Tuesday, November 24, 2026 9:12 AM\nTo: Olena <o@x.example>\nSubject: RE: Order 4417",
    "outlook de": f"Von: {A}\nGesendet: Dienstag, 24. November 2026 09:12\nAn: Olena <o@x.example>\nBetreff: AW: Bestellung 4417",
    "outlook fr": f"De : {A}\nEnvoyé : mardi 24 novembre 2026 09:12\nÀ : Olena <o@x.example>\nObjet : RE: Commande 4417",
    "outlook es": f"De: {A}\nEnviado: martes, 24 de noviembre de 2026 9:12\nPara: Olena <o@x.example>\nAsunto: RE: Pedido 4417",
    "outlook es el": f"De: {A}\nEnviado el: martes, 24 de noviembre de 2026 9:12\nPara: Olena\nAsunto: RE: Pedido 4417",
    "outlook pl": f"Od: {A}\nWysłano: wtorek, 24 listopada 2026 09:12\nDo: Olena <o@x.example>\nTemat: RE: Zamówienie 4417",
    "outlook it": f"Da: {A}\nInviato: martedì 24 novembre 2026 09:12\nA: Olena <o@x.example>\nOggetto: R: Ordine 4417",
    "outlook pt": f"De: {A}\nEnviado: terça-feira, 24 de novembro de 2026 09:12\nPara: Olena <o@x.example>\nAssunto: RE: Pedido 4417",
    "outlook ru": f"От: {A}\nОтправлено: 24 ноября 2026 г. 9:12\nКому: Olena <o@x.example>\nТема: RE: Заказ 4417",
    "outlook uk": f"Від: {A}\nНадіслано: 24 листопада 2026 р. 9:12\nКому: Olena <o@x.example>\nТема: RE: Замовлення 4417",
    "outlook bold": f"*From:* {A}\n*Sent:* Tuesday, November 24, 2026 9:12 AM\n*To:* Olena\n*Subject:* RE: Order 4417",
    "gmx": f"Gesendet: Dienstag, 24. November 2026 um 09:12 Uhr\nVon: {A}\nAn: o@x.example\nBetreff: Re: Bestellung 4417",
    "exchange cc": f"From: {A}\nDate: Tuesday, 24 November 2026 at 09:12\nTo: Olena <o@x.example>\nCc: Team <team@x.example>\nSubject: Order",
    "two spaces": f"From: {A}\n\nSent: Tuesday, November 24, 2026 9:12 AM\n\nTo: Olena <o@x.example>\n\nSubject: RE: Order 4417",
    "wrapped": f"From: {A}\nSent: Tuesday, November 24, 2026 9:12 AM\nTo: Olena <o@x.example>; Maria <m@x.example>;\n Ivan <i@x.example>\nSubject: RE: a long\n subject",
}

TITLES = [
    "-----Original Message-----",
    "----- Original Message -----",
    "-------- Original Message --------",
    "-----Ursprüngliche Nachricht-----",
    "-------- Ursprüngliche Nachricht --------",
    "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐",
    "-------- Message d'origine --------",
    "-----Message d’origine-----",
    "-----Mensaje original-----",
    "-----Messaggio originale-----",
    "-----Mensagem original-----",
    "-----Wiadomość oryginalna-----",
    "-------- Oryginalna wiadomość --------",
    "-------- Исходное сообщение --------",
    "-----Оригинальное сообщение-----",
    "-------- Оригінальне повідомлення --------",
    "-----Oorspronkelijk bericht-----",
]

FORWARDS = [
    "---------- Forwarded message ---------",
    "-------- Forwarded Message --------",
    "Begin forwarded message:",
    "-------- Weitergeleitete Nachricht --------",
    "Anfang der weitergeleiteten Nachricht:",
    "---------- Message transféré ---------",
    "Début du message réexpédié :",
    "---------- Mensaje reenviado ---------",
    "---------- Messaggio inoltrato ---------",
    "---------- Mensagem encaminhada ---------",
    "---------- Przekazana wiadomość ---------",
    "---------- Пересылаемое сообщение ---------",
    "-------- Пересланное сообщение --------",
    "Начало переадресованного сообщения:",
    "---------- Переслане повідомлення ---------",
    "Початок переадресованого повідомлення:",
]

REPLY = "Thanks, it came today.\n\nБольшое спасибо!"
OLD = "Dear Olena,\n\nyour parcel is on its way.\n\nKind regards\nAurora"


def visible(text: str, author: str = "", forwarded: bool = False, marked: tuple[bool, ...] = ()) -> str:
    text = safe(text)
    reply = split_reply(text, marked, author=Person(safe(author), safe("")), forwarded=forwarded)
    gaps = sorted([*reply.quoted, *([reply.signature] if reply.signature else [])], key=lambda span: span.start)
    kept, at = [], 0
    for gap in gaps:
        assert at <= gap.start < gap.end <= len(text)
        kept.append(text[at : gap.start])
        at = gap.end
    return "".join([*kept, text[at:]]).strip()


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


@pytest.mark.parametrize("name", INTROS)
def test_introductions_above_a_quote(name: str) -> None:
    assert visible(f"{REPLY}\n\n{INTROS[name]}\n\n{quoted(OLD)}\n") == REPLY
    assert visible(f"{REPLY}\n{INTROS[name]}\n{quoted(OLD)}") == REPLY
    assert visible(f"{INTROS[name]}\n{quoted(OLD)}\n\n{REPLY}") == REPLY, "the answer below the quote"
    assert visible(f"{REPLY}\n\n{quoted(INTROS[name])}\n{quoted(OLD)}\n") == REPLY, "the introduction quoted as well"


@pytest.mark.parametrize("name", [n for n in INTROS if not n.startswith(("horde", "gnus"))])
def test_introductions_above_unmarked_text(name: str) -> None:
    assert visible(f"{REPLY}\n\n{INTROS[name]}\n\n{OLD}\n") == REPLY


@pytest.mark.parametrize(
    "name", [n for n in INTROS if len(INTROS[n]) > 50 and n not in {"zoho", "gmail zh", "gmail tr", "gmail vi"}]
)
def test_introductions_that_were_wrapped(name: str) -> None:
    words = INTROS[name].split(" ")
    for cut in (len(words) // 2, len(words) - 1):
        intro = " ".join(words[:cut]) + "\n" + " ".join(words[cut:])
        assert visible(f"{REPLY}\n\n{intro}\n\n{quoted(OLD)}\n") == REPLY


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize(
    "rule", ["", "________________________________\n", "-----Original Message-----\n", "----------\n"]
)
def test_header_blocks(name: str, rule: str) -> None:
    assert visible(f"{REPLY}\n\n{rule}{BLOCKS[name]}\n\n{OLD}\n") == REPLY


@pytest.mark.parametrize("intro", ABOVE_QUOTES)
def test_introductions_that_need_a_marked_quote(intro: str) -> None:
    assert visible(f"{REPLY}\n\n{intro}\n{quoted(OLD)}") == REPLY


def test_a_month_and_an_address_of_a_persons_own_words_stay_in_sight() -> None:
    for text in (
        "November 24, 10:00: write to a@x.example:\nthe bill",
        "December 5, 2026, 9:12 send it to a@x.example:\nbill",
    ):
        assert visible(f"Hello.\n\n{text}") == f"Hello.\n\n{text}"


@pytest.mark.parametrize("title", TITLES)
def test_titles(title: str) -> None:
    assert visible(f"{REPLY}\n\n{title}\n{BLOCKS['outlook en']}\n\n{OLD}") == REPLY
    assert visible(f"{REPLY}\n\n{title}\n\n{OLD}") == REPLY


@pytest.mark.parametrize("title", FORWARDS)
def test_forwards_stay_in_sight(title: str) -> None:
    text = f"See below, please.\n\n{title}\n{BLOCKS['outlook en']}\n\n{OLD}"
    assert visible(text) == text
    assert visible(f"{title}\n{BLOCKS['outlook en']}\n\n{OLD}") == f"{title}\n{BLOCKS['outlook en']}\n\n{OLD}"


def test_a_forward_told_by_its_subject_stays_in_sight() -> None:
    text = f"See below, please.\n\n{BLOCKS['outlook de']}\n\n{OLD}"
    assert visible(text, forwarded=True) == text
    assert visible(text) == "See below, please."


@pytest.mark.parametrize(
    "line",
    [
        "##- Please type your reply above this line -##",
        "-- Please reply above this line --",
        "=-=-= Bitte antworten Sie oberhalb dieser Linie =-=-=",
        "##- Введите ответ выше этой строки -##",
    ],
)
def test_the_line_of_help_desks(line: str) -> None:
    assert visible(f"{REPLY}\n\n{line}\n\nTicket 17\n\n{OLD}") == REPLY


def test_a_forward_in_marks_stays_in_sight() -> None:
    text = f"See below.\n\n{quoted(OLD)}"
    assert visible(text, forwarded=True) == text
    assert visible(text) == "See below."
    apple = f"See below.\n\n> Початок листа, що пересилається:\n>\n{quoted(OLD)}"
    assert visible(apple, forwarded=True) == apple


def test_answers_between_quotes() -> None:
    text = f"{INTROS['gmail en']}\n> Which colour?\n\nThe blue one.\n\n> And the size?\n\n42, thank you."
    assert visible(text).split() == ["The", "blue", "one.", "42,", "thank", "you."]


@pytest.mark.parametrize(
    "text",
    [
        "Hello,\n\nOn Monday I wrote:\nplease send the invoice.\n\nYou did not.",
        "On 12 May 2026 at 10:15 I wrote:\n\nplease send the invoice.",
        "Am Montag schrieb ich:\nBitte stornieren.",
        "Вчера в 14:30 я написал на support@aurora.example:\n\nгде мой заказ?",
        "Le 12 mai 2026 j'ai écrit :\n\nOù est mon colis ?",
        "He wrote:\n\nNo refund.",
        "My trip:\n\nFrom: Kyiv\nTo: Lviv\nDate: 24.11.2026\n\nIs it still valid?",
        "Von: Kiew\nNach: Lemberg\nDatum: 24.11.2026 um 10:30",
        "My details:\nName: Olena\nEmail: o@x.example\nPhone: 123\n\nPlease update.",
        "Contact me at o@x.example on 24.11.2026 after 10:30. Two questions:\n\n1. Where is it?\n2. When?",
        "Subject: refund\n\nI want my money back.",
        "A list:\n- one\n- two\n\n---\n\nMore below the line.",
        "> a line I copied from your site\n\nIs that true?",
        "Your page says:\n> free returns\nIs that true?",
        "Mit freundlichen Grüßen\nMax",
        "Sent from Berlin it took four days?",
        "I wrote a letter.\n\nThanks,\nOlena",
        "Please send it to:\n\nOlena Koval\nKhreshchatyk 1, Kyiv\n+380 44 123 45 67\no@x.example",
        "New address:\nOlena\nKhreshchatyk 1\nKyiv",
        "Hello,\nOlena here\nmy order is late",
        "Hello,\nOlena\nmy order is late",
        "My order is late\nOlena\n4417\nplease answer, I wait since Monday",
        "Hello\n\nSent from my desk, it is much easier there than on my mobile phone.",
        "On your remote host you can run:\n\n    telnet 127.0.0.1 52698\n\nThis connects.",
        "One outstanding question I had:\n\nLocally (on development), where is it?",
        "Your colleague support@aurora.example wrote:\nWe will refund you.\nNothing came.",
        "On 12 May 2026 at 10:15 your support team wrote:\n\nWe will refund you.\n\nNothing came.",
        "On 12 May 2026 the shop wrote:\n\nWe will refund you.\n\nNothing came.",
        "12 травня ваш оператор написав:\n\nПовернемо кошти.\n\nНічого немає.",
        "Nothing works.\n\nSent from the warehouse on Monday, it never came.",
        "Hola,\n\nEnviado de nuevo el paquete, gracias.",
        "Items:\nA\n---\nB\n---\nC and more words here",
        "Time: 10:30\nDate: 24.11.2026\nOrder: 4417",
    ],
)
def test_plain_words_stay_in_sight(text: str) -> None:
    assert visible(text, author="Olena") == text


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Sent from my Galaxy",
        "Sent from a magnificent torch of pixels",
        "Sent from Outlook for Android",
        "Get Outlook for iOS",
        "Von meinem iPhone gesendet",
        "Gesendet mit der GMX Mail App",
        "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
        "Envoyé de mon iPhone",
        "Envoyé depuis l'application Mail Orange",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Wysłane z iPhone'a",
        "Enviado do meu iPhone",
        "Отправлено с iPhone",
        "Отправлено из мобильной Почты Mail.ru",
        "Надіслано з iPhone",
        "Надіслано з мого пристрою",
        "Надіслано захищеною електронною поштою Proton Mail.",
        "Без вирусов. www.avast.com",
        "Virenfrei. www.avast.com",
        "Verzonden vanaf mijn iPhone",
        "Получить Outlook для iOS",
    ],
)
def test_lines_of_telephones(line: str) -> None:
    assert visible(f"{REPLY}\n\n{line}") == REPLY
    assert visible(f"{REPLY}\n\n{line}\n\n{INTROS['gmail en']}\n{quoted(OLD)}") == REPLY
    assert visible(f"{REPLY}\n\n--\n{line}") == REPLY


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nOlena Koval\nAurora Ltd",
        "Olena Koval\nvia mobile",
        "Olena Koval, PhD\nResearch\nwww.x.example",
        "- Olena Koval\no@x.example",
        "--\nOlena Koval",
        "Olena Koval\nHead of Purchasing\nAurora Ltd\n+380 44 123 45 67",
        "Olena Koval | Purchasing\nT: +380 44 123 45 67\nwww.x.example",
        "________________\nOlena Koval\n+380 44 123 45 67",
        "Acme GmbH\nHauptstr. 1, 10115 Berlin\nTel. +49 30 123456\ninfo@acme.example",
    ],
)
def test_signatures(signature: str) -> None:
    assert visible(f"{REPLY}\n\n{signature}", author="Olena Koval") == REPLY
    assert visible(f"{REPLY}\n\n{signature}\n\n{BLOCKS['outlook en']}\n\n{OLD}", author="Olena Koval") == REPLY
    assert visible(f"{REPLY}\n\n{INTROS['gmail en']}\n{quoted(OLD)}\n\n{signature}", author="Olena Koval") == REPLY


FORMS = [
    "A new message from the site:\n\nFrom: Olena <o@x.example>\nSubject: Order 4417\n\nMessage Body:\nWhere is it?",
    "Neue Anfrage\n\nVon: Max\nE-Mail: m@x.example\nBetreff: Bestellung\nDatum: 24.11.2026\nNachricht:\nWo ist er?",
    "Нове звернення\n\nВід: Олена\nПошта: o@x.example\nТема: Замовлення\nПовідомлення: де воно?",
    "Потрібен перевіз.\n\nВід: Київ\nКому: Коваль, Львів\nТема: меблі\n\nКоли зможете?",
    "It says:\n\nFrom: server\nTo: client\nSubject: cannot connect\n\nWhat now?",
]


@pytest.mark.parametrize("text", FORMS)
def test_forms_with_fields_as_of_a_header_stay_in_sight(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"{REPLY}\n\nThese fail\n\nhttps://a.example/1\nhttps://a.example/2\nhttps://a.example/3",
        f"{REPLY}\n\nPlease check:\n---\nOrder 1\nOrder 2\n+49 30 1234567",
        f"{REPLY}\n\nStatus: shipped\nOrdered: 2026-11-24\nDelivered: 26.11.2026",
        f"{REPLY}\n\n*****\n1. Was it on time?\n2. Call me on\n+49 30 1234567",
        f"{REPLY}\n\n-----\na\nb\nc\nd\ne\nf\ng +49 30 1234567",
    ],
)
def test_dates_forms_and_lists_are_no_signatures(text: str) -> None:
    assert visible(text) == text


def test_what_the_markup_calls_a_quote() -> None:
    text = "New words.\nOld words\nmore of them\n\nand the end"
    assert visible(text, marked=(False, True, True, True, True)) == "New words."


def test_a_mail_of_nothing_but_quotes_shows_what_it_has() -> None:
    assert visible("> only this") == "> only this"
    assert visible(f"{BLOCKS['outlook en']}\n\n{OLD}") != ""


@pytest.mark.parametrize(
    "text",
    [
        "On " * 20_000,
        "-" * 100_000,
        " " * 100_000,
        "On a\n" * 5_000,
        ">" * 100_000,
        ">\n" * 50_000,
        ":\n" * 50_000,
        "From: a@b.c\nTo: d\n" * 10_000,
        "On 1.1.2026 10:10 wrote\n" * 10_000,
        "> x\ny\n" * 30_000,
        ("1 " * 190 + ":\n") * 2_000,
        ("i wrote " * 45 + ":\n") * 2_000,
        ("@a." * 130 + ":\n") * 2_000,
        "Sent from my x\n" * 20_000,
        "-- \n" * 20_000,
        "+1 (2) " * 20_000,
        "<" * 100_000 + ":",
        "a@" * 50_000 + ":",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    split_reply(text, author=Person(safe("Olena Koval"), safe("o@x.example")))
    assert time.process_time() - began < 1


@given(
    st.lists(
        st.sampled_from(
            [
                *INTROS.values(),
                *BLOCKS.values(),
                *TITLES,
                *FORWARDS,
                "> quoted",
                ">> more",
                "text",
                "",
                "--",
                "-- ",
                "Sent from my iPhone",
                "____",
            ]
        ),
        max_size=14,
    ),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_spans_always_fit(lines: list[str], forwarded: bool) -> None:
    visible("\n".join(lines), author="Aurora Support", forwarded=forwarded)
