"""Opened from a search, a conversation shows what was found: at the message that the list named, words marked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.content.safe import safe
from agent_tui.domain.message import Span
from agent_tui.domain.times import DAY, HOUR
from agent_tui.store.open import open_worker
from agent_tui.widgets.palette import INKS
from agent_tui.widgets.thread_rows import FOUND, ThreadRows
from tests.desk_data import converse, message, person
from tests.screens.conftest import MakeApp, desk_of, settle, text_of

WHO = person("Ada", "ada@example.com")
QUOTED = "Yes\n\n> the zeppelin left\n> at noon"


def told(home: Path) -> None:
    """A long conversation with a word far up, one folded away, one in a language of many forms."""
    worker = open_worker(home)
    with worker.ingest() as tx:
        early = message("Where are my zeppelins?", 9 * DAY, WHO)
        chatter = [message(f"line {n}\n" * 12, 8 * DAY - n * HOUR, WHO) for n in range(70)]
        converse(tx, "Air travel", WHO, [early, *chatter])
        converse(tx, "Answer", WHO, [message(QUOTED, 20 * DAY, WHO, quoted=(Span(5, len(QUOTED)),))])
        asked = message("Is the balloon\nmine? " + "And much more. " * 300, 4 * DAY, WHO)
        answer = message("Yes.\n\n> the balloon", 3 * DAY, WHO, quoted=(Span(6, 19),))
        converse(tx, "Owner", WHO, [asked, answer])
        words = "Добрий день\n" * 40 + "Надішліть рахунки за послуги, будь ласка"
        converse(tx, "Рахунок", WHO, [message(words, 15 * DAY, WHO)])
    worker.close()


def found(app: AgentApp) -> list[str]:
    """The words that are marked in the window."""
    thread = desk_of(app).thread.list
    rows = thread.rows
    assert isinstance(rows, ThreadRows)
    inside = range(thread.first_line, thread.first_line + thread.size.height)
    return [
        part.text
        for at in range(rows.count)
        for number, line in enumerate(rows.lines_of(at))
        for part in line.parts
        if (part.role, part.weight) == FOUND and rows.top(at) + number in inside
    ]


async def search(app: AgentApp, pilot: Pilot[Any], text: str, opens: str) -> None:
    """Type, wait for the hits, open the one of this subject."""
    await pilot.press("slash", *("space" if sign == " " else sign for sign in text))
    inbox = desk_of(app).inbox
    for _turn in range(200):
        await settle(app, pilot)
        await pilot.pause(0.02)
        if inbox.hits is not None and any(opens in hit.row.subject for hit in inbox.hits.hits):
            break
    assert inbox.hits is not None
    at = next(n for n, hit in enumerate(inbox.hits.hits) if opens in hit.row.subject)
    await pilot.press("enter", *("j" for _each in range(at)), "enter")
    for _turn in range(200):
        await settle(app, pilot)
        shown = desk_of(app).thread.open
        if shown is not None and shown.id == inbox.hits.hits[at].row.id:
            return


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(
    ("text", "subject", "words"),
    [
        ("zeppelin", "Air travel", ["zeppelins"]),
        ("zeppelin", "Answer", ["zeppelin"]),
        ("balloon", "Owner", ["balloon"]),
        ("рахунка послуга", "Рахунок", ["рахунки", "послуги"]),
    ],
    ids=["far up", "folded away", "said before it was quoted", "another form, far down"],
)
async def test_a_hit_is_on_the_screen_and_marked(
    make_app: MakeApp, tmp_path: Path, text: str, subject: str, words: list[str], size: tuple[int, int]
) -> None:
    app = make_app()
    told(tmp_path / "desk0")
    async with app.run_test(size=size) as pilot:
        await search(app, pilot, text, subject)
        assert found(app) == words
        assert any(words[0] in line for line in text_of(app))
        assert any(f"> the {words[0]}" in line for line in text_of(app)) == (subject == "Answer")


async def test_without_a_search_nothing_is_marked(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    told(tmp_path / "desk0")
    async with app.run_test(size=(120, 40)) as pilot:
        await search(app, pilot, "zeppelin", "Answer")
        assert found(app)
        await pilot.press("u", "escape")
        await settle(app, pilot)
        await pilot.pause(0.4)
        thread = desk_of(app).thread
        thread.show(thread.shown or 0)
        assert not found(app)


async def test_what_was_not_understood_goes_with_its_search(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    told(tmp_path / "desk0")

    async def typed(pilot: Pilot[Any], text: str, wanted: Callable[[], bool]) -> None:
        await pilot.press(*("space" if sign == " " else sign for sign in text))
        for _turn in range(100):
            await settle(app, pilot)
            await pilot.pause(0.02)
            if wanted():
                return
        raise AssertionError(text_of(app))

    async with app.run_test(size=(80, 24)) as pilot:
        inbox = desk_of(app).inbox
        await pilot.press("slash")
        await typed(pilot, "wobble:x", lambda: "“wobble” is no field" in "\n".join(text_of(app)))
        assert "is no field" not in text_of(app)[-1], "where nothing is found it stands in the list's place, and stays"
        await pilot.press("ctrl+u")
        await typed(pilot, "zeppelin", lambda: inbox.hits is not None and inbox.hits.count == 2)
        assert "is no field" not in "\n".join(text_of(app))
        await typed(pilot, " before:", lambda: "before: waits for a value" in text_of(app)[-1])
        await pilot.press("escape")
        await settle(app, pilot)
        assert "waits for a value" not in text_of(app)[-1], "nor when the search has ended"


@pytest.mark.parametrize("size", [(80, 24), (150, 40)])
async def test_the_keys_of_hits_go_through_those_of_an_opened_conversation(
    make_app: MakeApp, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app()
    worker = open_worker(tmp_path / "desk0")
    with worker.ingest() as tx:
        texts = {100: "the zebrafinch sang", 40: "line\n\n> a zebrafinch again", 3: "Zebrafinches"}
        spans = {40: (Span(6, 26),)}
        messages = [
            message(texts.get(n, f"line {n}\n" * 5), 9 * DAY - (150 - n) * HOUR, WHO, quoted=spans.get(n, ()))
            for n in range(150, 0, -1)
        ]
        converse(tx, "Birds", WHO, messages)
    worker.close()
    async with app.run_test(size=size) as pilot:
        await search(app, pilot, "zebrafinch", "Birds")
        desk = desk_of(app)

        async def here() -> tuple[list[str], str]:
            await settle(app, pilot)
            await pilot.pause(0.2)
            return found(app), text_of(app)[-1]

        assert desk.hits_here()
        assert len(desk.hits_here()) == 3
        words, line = await here()
        assert "hit 3 of 3" in line
        assert "n next hit" in line
        assert "N previous hit" in line
        seen = [words]
        for number, key in ((2, "N"), (1, "N"), (1, "N"), (2, "n"), (3, "n"), (3, "n")):
            await pilot.press(key)
            words, line = await here()
            assert f"hit {number} of 3" in line
            seen.append(words)
        first, second, third = ["zebrafinch"], ["zebrafinch"], ["Zebrafinches"]
        assert seen == [third, second, first, first, second, third, third]
        assert "No further hit below" in line
        assert desk.writing is None, "no note was begun"


async def test_a_hit_tells_its_own_age_for_that_is_the_order_of_hits(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    worker = open_worker(tmp_path / "desk0")
    with worker.ingest() as tx:
        converse(tx, "Old words", WHO, [message("a quokka", 9 * DAY, WHO), message("thanks", 2 * HOUR, WHO)])
        converse(tx, "Newer words", WHO, [message("my quokka", 3 * DAY + 6 * HOUR, WHO)])
    worker.close()
    async with app.run_test(size=(80, 24)) as pilot:
        await search(app, pilot, "quokka", "Newer words")
        await pilot.press("u")
        await settle(app, pilot)
        rows = [line.split()[-1] for line in text_of(app) if "words" in line]
        assert rows == ["3d", "1w"]


async def test_a_filter_alone_marks_no_text(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    told(tmp_path / "desk0")
    async with app.run_test(size=(80, 24)) as pilot:
        await search(app, pilot, "from:ada", "Air travel")
        assert not found(app)
        assert any("line 69" in line for line in text_of(app)), "it opens where it would without a search"


def test_the_words_are_marked_by_a_role_whose_contrast_is_known_and_by_more_than_colour() -> None:
    role, weight = FOUND
    assert role in INKS
    assert weight == "underline"


async def test_a_phrase_is_marked_over_the_end_of_a_line(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    worker = open_worker(tmp_path / "desk0")
    with worker.ingest() as tx:
        text = "word " * 13 + "silver lining of the cloud"
        converse(tx, "Clouds", WHO, [message(safe(text), DAY, WHO)])
    worker.close()
    async with app.run_test(size=(80, 24)) as pilot:
        await search(app, pilot, '"silver lining"', "Clouds")
        assert found(app) == ["silver", "lining"]
