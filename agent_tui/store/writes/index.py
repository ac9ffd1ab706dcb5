"""The search index. It keeps no text of its own, so that taking a row out needs what was put in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent_tui.domain.message import Person
from agent_tui.store.search.fold import words
from agent_tui.store.search.stem import all_stems
from agent_tui.store.writes.transaction import Transaction

LONGEST_BODY = 300_000
MOST_PEOPLE = 200
REACHED = "search_reached"

_PUT = "INSERT INTO search (rowid, subject, author, recipients, files, body, stems) VALUES (?, ?, ?, ?, ?, ?, ?)"
_TAKE = (
    "INSERT INTO search (search, rowid, subject, author, recipients, files, body, stems)"
    " VALUES ('delete', ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Indexed:
    """The texts of an item that are searched."""

    subject: str = ""
    author: str = ""
    recipients: str = ""
    files: str = ""
    body: str = ""

    def columns(self) -> tuple[str, ...]:
        """What goes into the index."""
        exact = [words(t) for t in (self.subject, self.author, self.recipients, self.files, self.body[:LONGEST_BODY])]
        stemmed = all_stems(word for column in exact for word in column)
        return (*(" ".join(column) for column in exact), " ".join(stemmed))


def people_text(people: Iterable[Person]) -> str:
    """Names and addresses as one text."""
    return " \n ".join(f"{p.name} {p.address}" for p in list(people)[:MOST_PEOPLE])


def reached(tx: Transaction) -> int:
    """Where the index is being made anew: items below this are not in it yet. 0 where it is whole."""
    if tx.indexed_from is None:
        found = tx.value("SELECT value FROM memory WHERE account = '' AND key = ?", (REACHED,))
        tx.indexed_from = int(found) if found else 0
    return tx.indexed_from


def reached_now(tx: Transaction, place: int) -> None:
    """The place moved on."""
    tx.indexed_from = place


def put(tx: Transaction, item_id: int, item: Indexed) -> None:
    """Put an item in."""
    if item_id >= reached(tx):
        tx.last[item_id] = (_PUT, (item_id, *item.columns()))


def take(tx: Transaction, item_id: int, item: Indexed) -> None:
    """Take an item out, as it was put in."""
    if item_id >= reached(tx) and tx.last.pop(item_id, None) is None:
        tx.run(_TAKE, (item_id, *item.columns()))


def stored_note(tx: Transaction, note_id: int) -> Indexed:
    """A note as it stands in the database."""
    author, text = tx.one("SELECT author, text FROM note WHERE id = ?", (note_id,))
    return Indexed(author=author, body=text)


def stored_message(tx: Transaction, message_id: int) -> Indexed:
    """A message as it stands in the database, and so in the index."""
    subject, name, address, people, text = tx.one(
        "SELECT m.subject, m.author_name, m.author_address, m.people, t.text"
        " FROM message m JOIN message_text t ON t.id = m.id WHERE m.id = ?",
        (message_id,),
    )
    files = tx.all("SELECT name FROM attachment WHERE message_id = ? ORDER BY id", (message_id,))
    return Indexed(
        subject=subject,
        author=f"{name} {address}",
        recipients=_recipients(json.loads(people)),
        files=files_text(name for (name,) in files),
        body=text,
    )


def files_text(names: Iterable[str]) -> str:
    """Names of files as one text."""
    return " \n ".join(names)


def _recipients(people: dict[str, Sequence[Sequence[str]]]) -> str:
    everyone = [*people["to"], *people["cc"], *people["bcc"]]
    return " \n ".join(f"{name} {address}" for name, address in everyone[:MOST_PEOPLE])
