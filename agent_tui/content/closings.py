"""A closing formula, a name, and more about its bearer: a signature that nothing else tells, in the languages of the desk.

What a customer has to say never folds with it: behind the name there may be a few short lines that say who he is, and
how he is reached. One line that could be more than that, and all of it stays in sight. A name alone is how people
take their leave: it stays too, and tells who wrote where the address does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

LINES_CAP: Final = 8
"""Lines below the formula."""
_WIDTH: Final = 60
_WORDS: Final = 7

_FORMULAS: Final = (
    # English
    r"(?:with )?(?:(?:my |our )?(?:kind|kindest|best|warm|warmest|many) )?regards|(?:with )?(?:all )?(?:good|best|warm) wishes|"
    r"yours (?:sincerely|faithfully|truly)|(?:very )?(?:sincerely|truly|respectfully|cordially)(?: yours)?|(?:all the )?best|cheers|rgds|"
    # Ukrainian
    r"[зіi]з? (?:глибокою |щирою )?повагою|з (?:найкращими|найщирішими) побажаннями|(?:всього|усього) (?:найкращого|доброго)|щиро ваш\w{0,2}|"
    # Russian
    r"с (?:глубоким |большим )?уважением|с (?:наилучшими|добрыми) пожеланиями|(?:всего|всех) (?:доброго|хорошего|наилучшего|благ)|"
    r"искренне ваш\w{0,2}|с почтением|"
    # German
    r"(?:(?:mit|viele|die) )?(?:(?:recht )?(?:freundlich|best|viel|lieb|herzlich|schön|schoen|sonnig)(?:e|en|em|er)? )?"
    r"(?:gr(?:ü|ue)(?:ß|ss)(?:e|en)|gru(?:ß|ss))(?: aus [\w ]{3,30})?|hochachtungsvoll|mfg|lg|vg|"
    # French
    r"(?:bien |très )?(?:cordialement|sincèrement|respectueusement|amicalement)(?: vôtre)?|bien à (?:vous|toi)|cdlt|"
    r"(?:avec (?:mes|nos) )?(?:(?:sincères|meilleures|cordiales) )?salutations(?: distinguées| cordiales| respectueuses)?|"
    r"(?:je vous prie|nous vous prions|veuillez) .{5,70}salutations(?: (?:distinguées|cordiales|respectueuses|les meilleures))?|"
    # Spanish
    r"(?:(?:reciba )?un )?(?:cordial |afectuoso |fuerte )?(?:saludo|abrazo)|(?:muchos )?saludos(?: cordiales)?|"
    r"(?:muy )?atentamente|cordialmente|(?:le|les|lo|la) saluda (?:muy )?atentamente|"
    # Polish
    r"(?:(?:serdecznie|ciepło|gorąco) )?pozdrawia(?:m|my)(?: (?:serdecznie|ciepło|gorąco))?|z (?:poważaniem|wyrazami szacunku|szacunkiem)|"
    r"łącz(?:ę|ymy) (?:pozdrowienia|wyrazy szacunku)|(?:(?:serdeczne|z) )?pozdrowieni(?:a|ami)|pozdr|"
    # Italian
    r"(?:(?:cordiali|distinti|migliori|cari|tanti) )?saluti|(?:un )?cordiale saluto|in fede|"
    # Portuguese
    r"(?:muito )?(?:atenciosamente|respeitosamente)|(?:com )?(?:os )?(?:(?:melhores|meus) )?cumprimentos|(?:um )?(?:forte |grande )?abraços?|"
    r"(?:cordiais )?saudações(?: cordiais)?|att"
)
_FORMULA: Final = re.compile(rf"[\s*_]*(?:{_FORMULAS})[\s,.!*_–—-]*", re.IGNORECASE)
_WITH_NAME: Final = re.compile(rf"[\s*_]*(?:{_FORMULAS})\s?[,.!–—-]\s*(?P<name>\S.{{1,40}})", re.IGNORECASE)
_NAME: Final = re.compile(r"[^\W\d_][\w'’.-]{0,30}(?:,? [^\W\d_][\w'’.-]{0,30}){0,4}")
_PARTICLES: Final = frozenset(
    [
        "von",
        "van",
        "der",
        "den",
        "de",
        "da",
        "di",
        "del",
        "della",
        "dos",
        "das",
        "do",
        "du",
        "la",
        "le",
        "el",
        "y",
        "i",
        "e",
        "und",
        "and",
        "zu",
    ]
)
_REACHED: Final = re.compile(
    r"(?:[tmfew] ?[.:]|(?:tel|tél|teléf|telefon|telefono|teléfono|téléphone|telefone|phone|mob|mobil|mobile|móvil|handy|cell|fax|"
    r"email|e-mail|mail|web|skype|telegram|whatsapp|viber|тел|телефон|моб|факс|пошта|почта)\b[\s.:/]*)"
    r"(?:[\s+()\d./-]*|\s*\S+@\S+|\s*\S+\.\S+)",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\+\d[\d ()./-]{4,20}|\(?0\d{1,5}\)?[ ./-][\d ()./-]{4,18}\d")
"""As telephone numbers are written: what is only digits may be the number he was asked for."""
_ADDRESS: Final = re.compile(
    r"(?:https?://|www\.)\S{3,80}|[\w.+-]{1,60}@[\w-]{1,60}(?:\.[\w-]{1,60})+|[\w-]{1,40}(?:\.[\w-]{1,40}){1,3}/?"
)
_STREET: Final = re.compile(r"[^\W\d_][^\d?!:]{3,40}\d{1,4} ?[a-zA-Z]?,?")
_TOWN: Final = re.compile(r"(?:[A-Z]{1,2}-)?(?:\d{4,6}|\d\d-\d{3}|\d{4}-\d{3}) [^\W\d_][^\d?!:]{1,40}")
_SAYS: Final = re.compile(
    r"(?<!\w)(?:p\.? ?[ps]|п\. ?[сc]|з\. ?і|n\.? ?b|i|you|your|my|me|we|our|it|please|thanks?|yes|not?|is|are|"
    r"я|ви|ви|вас|вам|ваш\w*|мій|моя|моє|мене|мені|ми|нам|це|прошу|будь|дякую|так|ні|не|вы|мой|мо[яеё]|меня|мне|мы|это|пожалуйста|спасибо|да|нет|"
    r"ich|sie|ihr\w*|mein\w*|mir|mich|wir|uns\w*|es|ist|sind|bitte|danke|ja|nein|nicht|kein\w*|"
    r"je|j['’]\w+|vous|votre|vos|mon|ma|mes|nous|notre|est|merci|oui|non|pas|"
    r"yo|usted|su|mi|mis|nos|es|está|gracias|sí|no|por favor|"
    r"ja|pan|pani|państwa|mój|moja|moje|mnie|mi|nas|jest|proszę|dziękuję|tak|nie|"
    r"io|lei|mio|mia|noi|è|grazie|prego|sì|"
    r"eu|você|seu|sua|meu|minha|é|obrigad[oa]|sim|não|urgent\w*|wichtig|срочно|терміново|importan\w+|pilne)(?!\w)",
    re.IGNORECASE,
)
"""Words of somebody who speaks: no line of a signature holds them."""
_ENDS: Final = re.compile(r"[.?!:…;]\s*$")
_COMPANY: Final = re.compile(
    r"(?<!\w)(?:inc|ltd|llc|co|corp|s\.a|s\.r\.l|s\.l|sp\. z o\.\s?o|e\.v|bros|jr|sr)\.$", re.IGNORECASE
)


def is_closing(line: str) -> bool:
    """The line is a closing formula, and nothing else."""
    return len(line) <= 120 and bool(_FORMULA.fullmatch(line))


def closes_with_name(line: str) -> bool:
    """A closing formula and a name on one line: `Best regards, Max`."""
    found = _WITH_NAME.fullmatch(line.strip()) if len(line) <= 120 else None
    return bool(found and _is_name(found["name"]))


def signs(lines: Sequence[str], *, named: bool) -> bool:
    """Lines below a formula say who wrote, and nothing else. `named` where the line of the formula has the name."""
    if len(lines) > LINES_CAP:
        return False
    rest = list(lines)
    if not named and rest and _is_name(rest.pop(0)):
        named = True
    if not (named and rest):
        return False
    at = 0
    while at < len(rest):
        if at + 1 < len(rest) and _STREET.fullmatch(rest[at].strip()) and _TOWN.fullmatch(rest[at + 1].strip()):
            at += 2
        elif _is_about_him(rest[at].strip()):
            at += 1
        else:
            return False
    return True


def _is_name(line: str) -> bool:
    """One to five words with capitals, as names are written."""
    line = line.strip().strip("*_").rstrip(",").strip()
    if not _NAME.fullmatch(line) or _SAYS.search(line) or (_ENDS.search(line) and not _COMPANY.search(line)):
        return False
    words = line.split()
    return words[0][0].isupper() and all(word[0].isupper() or word.lower() in _PARTICLES for word in words)


def _is_about_him(line: str) -> bool:
    """A title, a company, or how he is reached; or several of these between bars."""
    parts = [part for part in re.split(r"\s+[|·•]\s+", line[: 2 * _WIDTH + 1]) if part]
    if len(parts) > 1:
        return len(line) <= 2 * _WIDTH and all(_is_about_him(part) for part in parts)
    if len(line) > _WIDTH or len(line.split()) > _WORDS:
        return False
    if any(way.fullmatch(line) for way in (_REACHED, _NUMBER, _ADDRESS)):
        return True
    if any(sign.isdigit() for sign in line) or _SAYS.search(line):
        return False
    return line[0].isupper() and (not _ENDS.search(line) or bool(_COMPANY.search(line)))
