"""A support mailbox made by chance from a seed: the same mails for a Maildir and for our store."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent_tui.domain.times import MINUTE, SECOND, Micros
from bench.letters import letter

NEWEST = Micros(1_795_500_000 * 1_000_000)
"""When the newest mail came; the others every few minutes before it."""

LONG_THREADS = 40
LONG = 20
"""The newest conversations have so many messages, so that opening one is measured."""

TEXTS, MAKE = "1", "3"
"""Change with the texts, and with the files of a Maildir: what was made of others is made anew."""

SUPPORT = "support@aurora.example"
COMMON, RARE = "refund", "zanzibarite"
"""A word in every eighth mail, and one in ten mails whatever the size."""
WITH_RARE = 10
PHRASE = "arrived damaged today"

_WORDS = {
    "en": "order parcel invoice delivery courier password upgrade question account router lamp headset warranty shipping "
    "address payment card receipt box broken light button manual update version number tracking morning week team reply",
    "uk": "замовлення посилка рахунок доставка кур'єр пароль оновлення питання гарантія адреса оплата картка чек коробка "
    "лампа кнопка версія номер ранок тиждень відповідь повернення кошти товар пристрій підтримка",
    "ru": "заказ посылка счёт доставка курьер пароль обновление вопрос гарантия адрес оплата карта чек коробка лампа кнопка "
    "версия номер утро неделя ответ возврат деньги товар устройство поддержка",
}
WORDS = {language: text.split() for language, text in _WORDS.items()}
_FIRST = {
    "en": "Marta Liam Sofia Noah Priya Jonas Emma Hugo Ivy Grace".split(),  # noqa: SIM905
    "uk": "Олена Андрій Юлія Тарас Ірина Богдан Марія".split(),  # noqa: SIM905
    "ru": "Иван Анна Пётр Виктория Сергей".split(),  # noqa: SIM905
}
_LAST = {
    "en": "Lindqvist Weber Rossi Becker Natarajan Novak Walsh Keller".split(),  # noqa: SIM905
    "uk": "Коваленко Шевчук Бондар Мельник Лисенко".split(),  # noqa: SIM905
    "ru": "Петров Орлова Соколов Жуков".split(),  # noqa: SIM905
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail."""

    number: int
    conversation: int
    place: int
    """Which of its conversation it is, from 0."""
    name: str
    address: str
    inbound: bool
    subject: str
    text: str
    at: Micros
    unread: bool

    @property
    def message_id(self) -> str:
        return f"{self.conversation}.{self.place}@mail.example.org"

    def raw(self) -> bytes:
        """As it lies in a Maildir."""
        before = [f"{self.conversation}.{place}@mail.example.org" for place in range(self.place)]
        return letter(self, before, SUPPORT)


def _text(chance: random.Random, language: str, number: int, count: int) -> str:
    words = chance.choices(WORDS[language], k=chance.randint(35, 85))
    if number % 8 == 0:
        words.insert(chance.randrange(len(words)), COMMON)
    if number % max(1, count // WITH_RARE) == 0:
        words.append(RARE)
    if number % 40 == 0:
        words.append(PHRASE)
    lines = [" ".join(words[start : start + 12]) for start in range(0, len(words), 12)]
    return "\n".join(lines)


def long_threads(count: int) -> int:
    """How many conversations are long; they are the newest, and all behind them have one mail each."""
    return min(LONG_THREADS, count // (LONG * 4))


def mail(number: int, count: int, seed: int = 7) -> Mail:
    """One of so many mails."""
    threads = long_threads(count)
    singles = count - threads * LONG
    if number < singles:
        conversation, place = number, 0
    else:
        conversation, place = singles + (number - singles) % threads, (number - singles) // threads
    chance = random.Random(f"{seed}.{conversation}")
    language = chance.choice(["en", "en", "uk", "ru"])
    customer = chance.randrange(max(1, count // 3))
    who = random.Random(f"{seed}.{customer}.who")
    name = f"{who.choice(_FIRST[language])} {who.choice(_LAST[language])}"
    subject = " ".join(chance.choices(WORDS[language], k=chance.randint(3, 7))).capitalize()
    return Mail(
        number=number,
        conversation=conversation,
        place=place,
        name=name,
        address=f"c{customer}@example.net",
        inbound=place % 2 == 0,
        subject=f"Re: {subject}" if place else subject,
        text=_text(random.Random(f"{seed}.{number}.text"), language, number, count),
        at=Micros(NEWEST - (count - number) * 3 * MINUTE),
        unread=chance.random() < 0.3,
    )


def mails(count: int) -> Iterator[Mail]:
    """So many mails, oldest first, the newest conversations the long ones."""
    return (mail(number, count) for number in range(count))


def write_maildir(folder: Path, count: int) -> None:
    """A Maildir of so many mails, named and dated as a server that delivers them does; kept where it stands already."""
    done = folder / ".complete"
    if done.exists() and done.read_text() == MAKE:
        return
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for one in mails(count):
        raw, seconds = one.raw(), one.at // SECOND
        lines = raw.count(b"\n")
        size = f"S={len(raw)},W={len(raw) + lines}"
        path = folder / "cur" / f"{seconds}.{one.number:08d}.bench,{size}:2,{'' if one.unread else 'S'}"
        path.write_bytes(raw)
        os.utime(path, (seconds, seconds))
    done.write_text(MAKE)


def native_id(mail: Mail) -> str:
    """What stands for the hash of the raw mail where none is kept."""
    return hashlib.sha256(f"{mail.number}.{mail.conversation}".encode()).hexdigest()
