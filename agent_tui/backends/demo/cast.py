"""The customers: people of the stories, and many more made up from names, each always the same for a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from agent_tui.backends.demo.wording import LANGUAGES, scripts

DOMAINS: Mapping[str, Sequence[str]] = {
    "en": ("mailbox.example", "fastpost.example", "example.com", "inbox.example"),
    "uk": ("lyst.example", "poshta.example", "example.net", "ukrmail.example"),
    "ru": ("pochta.example", "yaschik.example", "example.org"),
}
"""Domains where somebody reads. Anywhere else, mail of the demo comes back."""

_FIRST = {
    "en": {
        "m": "James Oliver Daniel Thomas Marcus Peter Samuel Hugh Callum Robert Ethan Victor",
        "f": "Emily Sarah Hannah Charlotte Grace Ines Laura Megan Fiona Alice Nora Priya",
    },
    "uk": {
        "m": "Андрій Тарас Богдан Олексій Ігор Максим Роман Юрій Назар Остап Дмитро Степан",
        "f": "Оксана Ірина Наталія Софія Марія Галина Юлія Соломія Катерина Тетяна Леся Дарина",
    },
    "ru": {
        "m": "Сергей Алексей Павел Никита Артём Владимир Кирилл Егор Руслан Тимур",
        "f": "Анна Елена Светлана Полина Вера Ксения Людмила Алина Дарья Ольга",
    },
}
_LAST = {
    "en": {
        "m": "Whitfield Carter Hughes Brennan Okafor Lindqvist Marsh Novak Delaney Rossi Fenwick Abbott Khan Ward Sinclair"
    },
    "uk": {
        "m": "Шевчук Бондаренко Мельник Гриценко Ткаченко Левицький Савчук Поліщук Кравець Мороз Яворський Лисенко Гончар",
        "f": "Шевчук Бондаренко Мельник Гриценко Ткаченко Левицька Савчук Поліщук Кравець Мороз Яворська Лисенко Гончар",
    },
    "ru": {
        "m": "Орлов Кузнецов Белов Смирнов Ахметов Зайцев Фёдоров Громов Сафин Лебедев Ершов Тихонов",
        "f": "Орлова Кузнецова Белова Смирнова Ахметова Зайцева Фёдорова Громова Сафина Лебедева Ершова Тихонова",
    },
}
_CITIES = {
    "en": ("Leeds", "Bristol", "Cork", "Aberdeen", "Utrecht", "Toronto"),
    "uk": ("Львів", "Київ", "Одеса", "Івано-Франківськ", "Полтава", "Чернівці"),
    "ru": ("Рига", "Алматы", "Вильнюс", "Тбилиси", "Таллинн", "Бишкек"),
}
_LATIN = dict(
    zip(
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяёыэъ",
        [
            "a",
            "b",
            "v",
            "h",
            "g",
            "d",
            "e",
            "ie",
            "zh",
            "z",
            "y",
            "i",
            "i",
            "i",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "_",
            "iu",
            "ia",
            "e",
            "y",
            "e",
            "_",
        ],
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Person:
    """A customer."""

    name: str
    address: str
    gender: str
    language: str
    city: str

    @property
    def first_name(self) -> str:
        """As one is greeted."""
        return self.name.split()[0]

    @property
    def handle(self) -> str:
        """Who this is on the chat."""
        return self.address.split("@")[0]


class Cast:
    """Everybody, by address."""

    def __init__(self, seed: int, each: int = 45) -> None:
        self._people: dict[str, Person] = {}
        for script in (*scripts("live"), *scripts("past")):
            if script.who is not None:
                self._add(_named(script.who, script.language))
        self._many: dict[str, list[Person]] = {}
        for language in LANGUAGES:
            random = Random(f"{seed}:cast:{language}")  # noqa: S311
            self._many[language] = [self._add(person) for person in _crowd(language, each, random)]

    def __getitem__(self, address: str) -> Person:
        return self._people[address]

    def get(self, address: str) -> Person | None:
        """Somebody by address, if anybody is there."""
        return self._people.get(address.casefold())

    def by_handle(self, handle: str) -> Person | None:
        """Somebody by the name on the chat."""
        return next((person for person in self._people.values() if person.handle == handle), None)

    def anyone(self, language: str, random: Random) -> Person:
        """One of the many."""
        return random.choice(self._many[language])

    def _add(self, person: Person) -> Person:
        return self._people.setdefault(person.address, person)


def _named(who: Mapping[str, str], language: str) -> Person:
    city = _CITIES[language][len(who["name"]) % len(_CITIES[language])]
    return Person(who["name"], who["address"], who.get("gender", "m"), language, who.get("city", city))


def _crowd(language: str, size: int, random: Random) -> list[Person]:
    names = [
        (f"{first} {last}", gender)
        for gender in ("m", "f")
        for first in _FIRST[language][gender].split()
        for last in (_LAST[language].get(gender) or _LAST[language]["m"]).split()
    ]
    people = []
    for name, gender in random.sample(names, size):
        first, last = _latin(name).split()
        local = random.choice((f"{first}.{last}", f"{first[0]}.{last}", f"{last}{random.randint(70, 99)}"))
        address = f"{local}@{random.choice(DOMAINS[language])}"
        people.append(Person(name, address, gender, language, random.choice(_CITIES[language])))
    return people


def _latin(name: str) -> str:
    return "".join(_LATIN.get(letter, letter) for letter in name.casefold()).replace("_", "")
