"""Commands, keymaps and strokes, without a screen."""

from __future__ import annotations

import pytest

from agent_tui import named_keys, sentences
from agent_tui.domain.account import AccountHealth, Health
from agent_tui.domain.conversation import View
from agent_tui.domain.times import HOUR, NEVER, Micros
from agent_tui.screens.commands import BY_ID, COMMANDS, HINTS, Where
from agent_tui.screens.hands_desk import MOST_KEYS
from agent_tui.screens.keymap import build, name_keys, shipped, split_keys, with_own
from agent_tui.screens.strokes import NoMeaning, Run, Strokes, Waiting, stroke_of
from agent_tui.widgets.quiet_note import empty_view
from agent_tui.widgets.trouble_lines import troubles


@pytest.mark.parametrize("name", shipped())
def test_sentences_name_the_keys_of_the_keymap_in_use(name: str) -> None:
    keymap = with_own(name, {"go.outbox": "g o", "go.waiting": "", "refresh": "F5"})
    try:
        name_keys(keymap)
        assert named_keys.way("go.outbox") == " (g o)"
        assert named_keys.named("go.waiting") == ":go.waiting", "it has none: the command line has it"
        assert named_keys.named("writing.recipients") == "ctrl+r"
        assert empty_view(View.INBOX, 2).endswith("2 conversations wait for customers (:go.waiting).")
        assert sentences.action("send", "#7", {"state": "rejected", "to": "ann"}).endswith("was refused (g o).")
        line = AccountHealth("mail", Health.WAITING, NEVER, next_try_at=Micros(HOUR))
        assert troubles([line], (), NEVER)[0].whole.endswith("(F5 now).")
    finally:
        name_keys(with_own())


@pytest.mark.parametrize("name", shipped())
def test_shipped_keymaps_have_no_clash(name: str) -> None:
    assert with_own(name).problems == []


def test_every_command_is_declared_once_and_hints_exist() -> None:
    assert len(BY_ID) == len(COMMANDS)
    assert {command for hints in HINTS.values() for command in hints} <= set(BY_ID)
    for command in COMMANDS:
        assert command.title[0].isupper()
        assert not command.title.endswith(".")


@pytest.mark.parametrize("name", shipped())
def test_the_help_names_all_keys_that_a_keymap_of_ours_gives(name: str) -> None:
    keymap = with_own(name, {})
    assert max(len(keymap.keys_of(command.id)) for command in COMMANDS) == MOST_KEYS


def test_keys_that_terminals_cannot_tell_apart_are_never_bound() -> None:
    for command in COMMANDS:
        for key in command.keys:
            assert not {"ctrl+m", "ctrl+i", "ctrl+h", "ctrl+j"} & set(key.split())
            assert "alt+" not in key


def test_unknown_ids_clashes_and_odd_values_are_reported() -> None:
    keymap = build("mine", [("mine", {"fly": ["f"], "solve": ["E"], "reopen": ["E"], "tag": 7, "note": ["ctrl+m"]})])
    assert {problem.code for problem in keymap.problems} == {"unknown_command", "clash", "unreadable", "forbidden_key"}
    assert keymap.key_of("solve") == "E"


def test_a_wish_moves_a_default_away() -> None:
    keymap = with_own("default", {"solve": "r, g e"})
    assert keymap.problems == []
    assert keymap.keys_of("solve") == ("r", "g e")
    assert keymap.keys_of("reply") == ()


def test_a_key_that_cannot_be_had_is_told_and_the_command_keeps_its_own() -> None:
    """`j` moves in the list and scrolls in a conversation: there it would never solve."""
    keymap = with_own("default", {"solve": "j"})
    [problem] = keymap.problems
    assert problem.code == "clash"
    assert "j: move.down, solve" in problem.shown
    assert keymap.keys_of("solve") == ("e",)
    assert keymap.look_up(Where.LIST, ("e",)) is BY_ID["solve"]
    assert with_own("default", {"solve": "j, g e"}).keys_of("solve") == ("g e",)
    assert with_own("default", {"solve": ""}).keys_of("solve") == ()


def test_split_keys() -> None:
    assert split_keys("e, g e") == ["e", "g e"]
    assert split_keys(",") == [","]
    assert split_keys("") == []


def test_counts_prefixes_and_escape() -> None:
    strokes = Strokes(with_own())
    assert isinstance(strokes.feed("1", Where.LIST), Waiting)
    assert isinstance(strokes.feed("0", Where.LIST), Waiting)
    run = strokes.feed("j", Where.LIST)
    assert run == Run(BY_ID["move.down"], 10)
    assert isinstance(strokes.feed("g", Where.LIST), Waiting)
    assert strokes.feed("escape", Where.LIST) == NoMeaning("")
    assert strokes.feed("escape", Where.LIST) == Run(BY_ID["back"])
    assert strokes.feed("0", Where.LIST) == NoMeaning("0")
    strokes.feed("g", Where.LIST)
    assert strokes.feed("q", Where.LIST) == NoMeaning("g q")


def test_a_key_means_what_the_innermost_place_says() -> None:
    keymap = with_own()
    found = {where: keymap.look_up(where, ("n",)) for where in Where}
    assert found[Where.SEARCH] is BY_ID["hit.next"]
    assert found[Where.LIST] is BY_ID["message.next"]
    assert found[Where.THREAD] is BY_ID["message.next"]
    assert keymap.look_up(Where.THREAD, ("j",)) is BY_ID["scroll.down"]


def test_what_follows_a_prefix() -> None:
    follow = with_own().continuations(Where.LIST, ("g",))
    assert follow["i"] is BY_ID["go.inbox"]
    assert follow["g"] is BY_ID["move.first"]


def test_a_huge_count_is_bounded() -> None:
    strokes = Strokes(with_own())
    for _digit in range(50):
        strokes.feed("9", Where.LIST)
    run = strokes.feed("j", Where.LIST)
    assert isinstance(run, Run)
    assert run.count is not None
    assert run.count < 10**9


@pytest.mark.parametrize(
    ("key", "character", "stroke"),
    [
        ("question_mark", "?", "?"),
        ("space", " ", "space"),
        ("ctrl+s", None, "ctrl+s"),
        ("enter", "\r", "enter"),
        ("J", "J", "J"),
    ],
)
def test_names_of_strokes(key: str, character: str | None, stroke: str) -> None:
    assert stroke_of(key, character) == stroke
