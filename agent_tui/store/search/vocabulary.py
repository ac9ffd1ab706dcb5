"""The words that the index knows."""

from __future__ import annotations

from agent_tui.store.reads.connections import ReadConnections

MOST = 100
"""Of more words one asks by their beginning."""

_NEXT = "SELECT term FROM temp.search_words WHERE term >= ? LIMIT 1"


def prepare(db: ReadConnections) -> None:
    """Before this thread asks for words: once for all that it is going to ask."""
    db.prepare("CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_words USING fts5vocab('main', 'search', 'instance')")


def beginning_with(db: ReadConnections, beginning: str) -> list[str] | None:
    """All words of the index that begin so, or None where they are too many.

    One step for each word, however often it stands there: the vocabulary tells every place of a word, so each step
    seeks behind the word before it.
    """
    found: list[str] = []
    at = beginning
    while (row := db.one(_NEXT, (at,))) is not None and row[0].startswith(beginning):
        if len(found) == MOST:
            return None
        found.append(row[0])
        at = f"{row[0]}\x01"  # no word holds it: the place between this word and all that are longer
    return found
