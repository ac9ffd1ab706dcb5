"""Signatures that begin with a closing formula, from senders whose name nobody knows; and what must never fold with one."""

from __future__ import annotations

import pytest

from agent_tui.content.closings import closes_with_name, is_closing
from agent_tui.content.mail import read_mail
from tests.content.test_visible_reply import as_mail, visible

OWN = "Here is what I have to say.\nIt has two lines."

FORMULAS = {
    "en": ["Best regards,", "Kind regards", "Regards,", "Yours sincerely,", "Sincerely", "Best wishes,", "Best,", "Cheers,"],
    "uk": ["З повагою,", "з повагою", "З найкращими побажаннями,", "Всього найкращого,"],
    "ru": ["С уважением,", "С наилучшими пожеланиями,", "Всего доброго,", "Искренне Ваш"],
    "de": [
        "Mit freundlichen Grüßen", "Mit freundlichen Gruessen", "Mit freundlichem Gruß", "Viele Grüße", "Beste Grüsse,",
        "Liebe Grüße aus Wien", "Freundliche Grüße", "Gruß", "Hochachtungsvoll", "MfG", "LG",
    ],
    "fr": [
        "Cordialement,", "Bien cordialement", "Bien à vous,", "Sincères salutations",
        "Veuillez agréer, Madame, Monsieur, l'expression de mes salutations distinguées.",
    ],
    "es": ["Un saludo,", "Saludos cordiales,", "Atentamente,", "Un cordial saludo", "Saludos"],
    "pl": ["Pozdrawiam,", "Pozdrawiam serdecznie", "Z poważaniem,", "Z wyrazami szacunku", "Łączę pozdrowienia,"],
    "it": ["Cordiali saluti,", "Distinti saluti", "Saluti,", "Cordialmente"],
    "pt": ["Atenciosamente,", "Cumprimentos,", "Com os melhores cumprimentos,", "Um abraço,", "Att."],
}  # fmt: skip

BLOCKS = {
    "en": [
        "John Smith\nHead of Sales\nACME Ltd | +44 20 7946 0000",
        "John Smith\nSales Manager\n+1 555 0100 123",
        "Jane van Dyke, PhD\nwww.acme.example",
        "J. Smith\nAcme Ltd.",
    ],
    "uk": [
        "Олена Коваленко\nМенеджер | Світ | +380 44 000 00 00",
        "Олена Коваленко\nТОВ Аврора",
        "Олена\nтел. 044 123 45 67",
    ],
    "ru": ["Иван Петров\n+7 495 000-11-22", "Иван Петров\nООО «Ромашка»\nМосква"],
    "de": ["Max Muster\nFirma GmbH", "Max Muster\nMusterstraße 12\n10115 Berlin\nTel. 030 123456"],
    "fr": ["Jean Dupont\nDirecteur commercial\n01 42 68 53 00", "Jean Dupont\nTél. : 01 42 68 53 00"],
    "es": ["Juan Pérez\nTel 912 345 678", "María de la Cruz\nDepartamento de Compras"],
    "pl": ["Jan Kowalski\ntel. 600 100 200", "Jan Kowalski\nDział Sprzedaży\nul. Prosta 5\n00-838 Warszawa"],
    "it": ["Mario Rossi\nStudio Rossi S.r.l.", "Mario Rossi\nm.rossi@rossi.example"],
    "pt": ["João Silva\nDiretor", "João da Silva\nTelefone: +351 21 000 00 00"],
}


def shown(text: str) -> str:
    return visible(read_mail(as_mail(text))).strip()


@pytest.mark.parametrize("language", list(FORMULAS))
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_formula_a_name_and_more_is_a_signature(language: str, gap: str) -> None:
    missed = [
        (formula, block)
        for formula in FORMULAS[language]
        for block in BLOCKS[language]
        if shown(f"{OWN}\n\n{formula}{gap}{block}\n") != OWN
    ]
    assert not missed


def test_it_is_found_above_a_quote_a_line_of_a_telephone_and_the_line_of_signatures() -> None:
    block = "Mit freundlichen Grüßen\nMax Muster\nFirma GmbH"
    quote = "Am 20.11.2026 um 16:05 schrieb Max <m@x.example>:\n> alt"
    assert shown(f"{OWN}\n\n{block}\n\n{quote}") == OWN
    assert shown(f"{OWN}\n\n{block}\n\nVon meinem iPhone gesendet") == OWN
    assert shown(f"{OWN}\n\n{block}\n-- \nwww.firma.example") == OWN


SAID = {
    "a name alone": "Best regards,\nJohn Smith",
    "no name": "Mit freundlichen Grüßen",
    "a postscript": "Mit freundlichen Grüßen\nMax Muster\nFirma GmbH\n\nP.S. Die Schuhe sind zu klein.",
    "a postscript of few words": "Cordialement,\nJean Dupont\nPS Taille 42",
    "a question": "Best regards,\nJohn Smith\nWhen will it come?",
    "an order's number": "Best regards,\nJohn Smith\nOrder 4417",
    "a number alone": "Pozdrawiam,\nJan Kowalski\n44172201",
    "a number in place of a name": "Un saludo,\n912 345 678",
    "an order between bars": "Best regards,\nJohn Smith\nSales | Order 4417",
    "a request between bars": "Best regards,\nJohn Smith\nSales | call me",
    "a sentence": "Best regards,\nJohn Smith\nI am at home on Friday",
    "a request": "З повагою,\nОлена Коваленко\nБудь ласка, подзвоніть",
    "a request in Russian": "С уважением,\nИван Петров\nПозвоните мне",
    "a request in Italian": "Saluti,\nMario Rossi\nGrazie mille",
    "a long line": "Atenciosamente,\nJoão Silva\n" + "Trabalho " * 12,
    "a word in small letters": "Atentamente,\nJuan Pérez\nmejor el viernes",
    "many lines": "Best regards,\nJohn Smith\n" + "Acme\n" * 12,
    "small words in place of a name": "Cheers,\nall good now\nThanks",
    "an IBAN": "Mit freundlichen Grüßen\nMax Muster\nDE02 1203 0000 0000 2020 51",
    "a price": "Pozdrawiam,\nJan Kowalski\n120,50 zł",
    "a date": "Saludos,\nJuan Pérez\n20/11/2026",
    "a street that may be an answer": "Viele Grüße\nMax Muster\nBestellung 4417",
}


@pytest.mark.parametrize("kind", list(SAID))
def test_what_a_customer_says_behind_it_stays(kind: str) -> None:
    text = f"{OWN}\n\n{SAID[kind]}".rstrip()
    assert shown(text) == text


def test_what_was_announced_stays() -> None:
    text = f"{OWN}\nPlease write in the book:\n\nBest wishes,\nJohn Smith\nSales Manager"
    assert shown(text) == text


def test_a_mail_of_nothing_else_stays() -> None:
    text = "Best regards,\nJohn Smith\nAcme Ltd."
    assert shown(text) == text


def test_formulas_are_whole_lines() -> None:
    assert is_closing("*Mit freundlichen Grüßen*")
    assert not is_closing("Best regards to your colleague")
    assert not is_closing("Saluti a tutti e grazie")
    assert closes_with_name("Viele Grüße, Max Muster")
    assert not closes_with_name("Best Buy")
    assert not closes_with_name("Cheers, I am happy now")
