"""How mail programs introduce what they quote, in nine languages, on one line and broken over several.

The lines are written after what Gmail, Apple Mail, Outlook, Thunderbird, Yahoo, web mailers and phones put there.
Each is tried with several names and widths, with and without an empty line below; the words above always stay.
"""

from __future__ import annotations

import textwrap

import pytest

from agent_tui.content.mail import read_mail
from tests.content.test_visible_reply import as_mail, visible

NAMES = (
    "Olena Kovalenko-Petrenko <olena.kovalenko@long-company.example>",
    "Max <m@x.example>",
    "Світлана Бондаренко <sv@пошта.example>",
)
WIDTHS = (200, 78, 76, 74, 72)
OWN = "Thank you, it came.\nAll is well."
QUOTE = "> old words\n> more of them\n"

LINES: dict[str, list[str]] = {
    "en": [
        "On Fri, Nov 20, 2026 at 4:05 PM {X} wrote:",
        "On Nov 20, 2026, at 4:05 PM, {X} wrote:",
        "On 20 Nov 2026, at 16:05, {X} wrote:",
        "On 20/11/2026 16:05, {X} wrote:",
        "On Friday, November 20, 2026 at 04:05:12 PM GMT+1, {X} wrote:",
        "On Friday, November 20th, 2026 at 4:05 PM, {X} wrote:",
        "{X} wrote on 2026-11-20 16:05:",
        "{X} writes:",
        "Quoting {X}:",
    ],
    "uk": [
        "пт, 20 лист. 2026 р. о 16:05 {X} пише:",
        "пт, 20 лист. 2026 р. о 16:05 {X} написав(-ла):",
        "20.11.26 16:05, {X} пише:",
        "20 лист. 2026 р. о 16:05 {X} написав(-ла):",
        "20 листопада 2026 р. о 16:05, {X} написав:",
        "20 листопада 2026, 16:05:01, від {X}:",
        "У пт, 20 лист. 2026 р. о 16:05 {X} пише:",
        "{X} писав 2026-11-20 16:05:",
        "{X} пише:",
        "В п'ятницю, 20 листопада 2026 р. о 16:05:12 GMT+2, {X} написав(ла):",
    ],
    "ru": [
        "пт, 20 нояб. 2026 г. в 16:05, {X}:",
        "20.11.2026 16:05, {X} пишет:",
        "20 нояб. 2026 г., в 16:05, {X} написал(а):",
        "Пятница, 20 ноября 2026, 16:05 +03:00 от {X}:",
        "{X} писал(а) 2026-11-20 16:05:",
        "{X} писал 2026-11-20 16:05:",
        "20.11.2026, 16:05, {X}:",
        "В пятницу, 20 ноября 2026 г. в 16:05:12 GMT+3, {X} написал(а):",
        "В Пт, 20/11/2026 в 16:05 +0300, {X} пишет:",
    ],
    "de": [
        "Am Fr., 20. Nov. 2026 um 16:05 Uhr schrieb {X}:",
        "Am 20.11.2026 um 16:05 schrieb {X}:",
        "Am 20.11.26 um 16:05 schrieb {X}:",
        "Am Freitag, 20. November 2026 um 16:05:12 MEZ hat {X} Folgendes geschrieben:",
        "{X} schrieb am 20.11.2026 um 16:05:",
        "{X} schrieb am Fr., 20. Nov. 2026, 16:05:",
        "{X} hat am 20.11.2026 16:05 CET geschrieben:",
        "Zitat von {X}:",
    ],
    "fr": [
        "Le ven. 20 nov. 2026 à 16:05, {X} a écrit :",
        "Le 20 nov. 2026 à 16:05, {X} a écrit :",
        "Le 20/11/2026 à 16:05, {X} a écrit :",
        "Le vendredi 20 novembre 2026 à 16:05:12 UTC+1, {X} a écrit :",
        "Le vendredi 20 novembre 2026, {X} a écrit :",
        "{X} a écrit le 20/11/2026 16:05 :",
    ],
    "es": [
        "El vie, 20 nov 2026 a las 16:05, {X} escribió:",
        "El 20 nov 2026, a las 16:05, {X} escribió:",
        "El 20/11/26 a las 16:05, {X} escribió:",
        "El viernes, 20 de noviembre de 2026, 16:05:12 CET, {X} escribió:",
        "El día 20/11/2026, a las 16:05, {X} escribió:",
        "{X} escribió el 20/11/2026 16:05:",
    ],
    "pl": [
        "pt., 20 lis 2026 o 16:05 {X} napisał(a):",
        "W dniu 20.11.2026 o 16:05, {X} pisze:",
        "W dniu piątek, 20 listopada 2026 {X} napisał(a):",
        "Wiadomość napisana przez {X} w dniu 20.11.2026, o godz. 16:05:",
        "Wiadomość napisana przez {X} w dniu 20 lis 2026, o godz. 16:05:",
        "Dnia 20 listopada 2026 16:05 {X} napisał(a):",
        "Dnia pt, 20 lis 2026 o 16:05 {X} napisał(a):",
        "{X} napisał(a) 2026-11-20 16:05:",
        "W piątek, 20 listopada 2026 o 16:05:12 CET {X} napisał(a):",
    ],
    "it": [
        "Il giorno ven 20 nov 2026 alle ore 16:05 {X} ha scritto:",
        "Il giorno 20 nov 2026, alle ore 16:05, {X} ha scritto:",
        "Il 20/11/2026 16:05, {X} ha scritto:",
        "Il venerdì 20 novembre 2026 alle ore 16:05:12 CET, {X} ha scritto:",
        "In data venerdì 20 novembre 2026 16:05:12 CET, {X} ha scritto:",
        "{X} ha scritto il 20/11/2026 16:05:",
    ],
    "pt": [
        "Em sex., 20 de nov. de 2026 às 16:05, {X} escreveu:",
        "Em sexta-feira, 20 de novembro de 2026 às 16:05:12 BRT, {X} escreveu:",
        "Em 20/11/2026 16:05, {X} escreveu:",
        "Em 20 de nov. de 2026, à(s) 16:05, {X} escreveu:",
        "No dia 20/11/2026, às 16:05, {X} escreveu:",
        "No dia 20 de nov. de 2026, às 16:05, {X} escreveu:",
        "A sexta, 20/11/2026, 16:05, {X} escreveu:",
        "A sexta-feira, 20 de novembro de 2026, {X} escreveu:",
        "Às 16:05 de 20/11/2026, {X} escreveu:",
        "Na sexta, 20 de nov de 2026 às 16:05, {X} escreveu:",
        "{X} escreveu (sexta, 20/11/2026 à(s) 16:05):",
        "{X} escreveu no dia sexta, 20/11/2026 à(s) 16:05:",
    ],
}

BLOCKS: dict[str, list[str]] = {
    "en": ["From: {X}\nSent: Friday, November 20, 2026 4:05 PM\nTo: B <b@x.example>\nSubject: Hi"],
    "uk": ["Від: {X}\nНадіслано: п'ятниця, 20 листопада 2026 р. 16:05\nКому: B <b@x.example>\nТема: Hi"],
    "ru": ["От: {X}\nОтправлено: пятница, 20 ноября 2026 г. 16:05\nКому: B <b@x.example>\nТема: Hi"],
    "de": [
        "Von: {X}\nGesendet: Freitag, 20. November 2026 16:05\nAn: B <b@x.example>\nBetreff: Hi",
        "Gesendet: Freitag, 20. November 2026 um 16:05 Uhr\nVon: {X}\nAn: B <b@x.example>\nBetreff: Hi",
    ],
    "fr": ["De : {X}\nEnvoyé : vendredi 20 novembre 2026 16:05\nÀ : B <b@x.example>\nObjet : Hi"],
    "es": ["De: {X}\nEnviado: viernes, 20 de noviembre de 2026 16:05\nPara: B <b@x.example>\nAsunto: Hi"],
    "pl": ["Od: {X}\nWysłano: piątek, 20 listopada 2026 16:05\nDo: B <b@x.example>\nTemat: Hi"],
    "it": ["Da: {X}\nInviato: venerdì 20 novembre 2026 16:05\nA: B <b@x.example>\nOggetto: Hi"],
    "pt": [
        "De: {X}\nEnviado: sexta-feira, 20 de novembro de 2026 16:05\nPara: B <b@x.example>\nAssunto: Hi",
        "De: {X}\nEnviada em: sexta-feira, 20 de novembro de 2026 16:05\nPara: B <b@x.example>\nAssunto: Hi",
    ],
}


def _shown(text: str) -> str:
    return visible(read_mail(as_mail(text))).strip()


@pytest.mark.parametrize(("language", "line"), [(code, line) for code, lines in LINES.items() for line in lines])
def test_an_introduction_goes_with_its_quote(language: str, line: str) -> None:
    missed = []
    for name in NAMES:
        for width in WIDTHS:
            said = textwrap.fill(line.format(X=name), width, break_long_words=False, break_on_hyphens=False)
            for between in ("\n", "\n\n"):
                if (shown := _shown(f"{OWN}\n\n{said}{between}{QUOTE}")) != OWN:
                    missed.append((width, said, shown[len(OWN) :]))
    assert not missed, language


@pytest.mark.parametrize(("language", "block"), [(code, one) for code, blocks in BLOCKS.items() for one in blocks])
def test_a_block_of_fields_goes_with_what_stands_below_it(language: str, block: str) -> None:
    for name in NAMES:
        assert _shown(f"{OWN}\n\n{block.format(X=name)}\n\nold words\nmore of them\n") == OWN, language


@pytest.mark.parametrize(
    "line",
    [
        "No dia 20/11/2026, às 16:05, recebi o seguinte:",
        "A sexta-feira, 20/11/2026, 16:05, serve para mim:",
        "W piątek, 20.11.2026 o 16:05 dostałem to:",
        "We Friday people ask on 20/11/2026 at 16:05:",
    ],
)
def test_what_a_customer_tells_of_a_day_stays(line: str) -> None:
    text = f"{OWN}\n\n{line}\n\n- two boots\n- one hat"
    assert _shown(text) == text
