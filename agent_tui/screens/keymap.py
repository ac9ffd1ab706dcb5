"""Which key means what: the defaults of the commands, a keymap file over them, and the agent's own file over that."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

from agent_tui.named_keys import key_shown, use
from agent_tui.screens.commands import BY_ID, COMMANDS, Command, Where
from agent_tui.widgets.composer_keys import WRITING
from agent_tui.words import N_, _

DIGITS = frozenset("0123456789")
FORBIDDEN = frozenset({"ctrl+m", "ctrl+i", "ctrl+h", "ctrl+j"})
"""Terminals cannot tell these from Enter, Tab, Backspace and a new line."""

OUTWARDS: dict[Where, tuple[Where, ...]] = {
    Where.SEARCH: (Where.SEARCH, Where.LIST, Where.DESK),
    Where.LIST: (Where.LIST, Where.DESK),
    Where.THREAD: (Where.THREAD, Where.DESK),
    Where.FOUND: (Where.SEARCH, Where.THREAD, Where.DESK),
    Where.DESK: (Where.DESK,),
}
"""Where a key is looked up, from the innermost place outwards."""

_ALL = N_("To select all: {move.first}, {select}, {move.last}, {select.extend}.")
INSTEAD: dict[str, dict[str, str]] = {
    "gmail": {
        "#": N_("Nothing is deleted here: {solve} solves it, {spam} marks it as spam."),
        "* a": _ALL,
    }
}
"""Keys that hands bring along and that have no command here, by keymap: what does it. Commands stand in braces."""


@dataclass(frozen=True, slots=True)
class KeymapProblem:
    """Something in a keymap that was left out: `unknown_command`, `clash`, `forbidden_key`, `unreadable`."""

    code: str
    detail: str
    source: str = ""

    @property
    def shown(self) -> str:
        """It as a sentence."""
        words = {
            "clash": _("keys: two commands want the same key, {detail}; the first has it"),
            "forbidden_key": _("keys: this key cannot be bound: {detail}"),
            "unknown_command": _("keys: there is no command “{detail}”"),
            "unknown_keymap": _("there is no keymap “{detail}”; there are: {all}"),
            "unreadable": _("keys: the keys of “{detail}” cannot be read"),
        }
        return words[self.code].format(detail=self.detail, all=", ".join(shipped()))


@dataclass(slots=True)
class Keymap:
    """Sequences of strokes to commands, place by place."""

    name: str
    places: dict[Where, dict[tuple[str, ...], Command]] = field(default_factory=dict)
    problems: list[KeymapProblem] = field(default_factory=list)
    wishes: set[str] = field(default_factory=set)
    """Commands whose keys a file named."""

    def look_up(self, where: Where, strokes: tuple[str, ...]) -> Command | None:
        """The command of a sequence, seen from a place."""
        for place in OUTWARDS[where]:
            command = self.places.get(place, {}).get(strokes)
            if command:
                return command
        return None

    def continuations(self, where: Where, strokes: tuple[str, ...]) -> dict[str, Command]:
        """What may follow a prefix: the next stroke and the command it leads to."""
        found: dict[str, Command] = {}
        for place in OUTWARDS[where]:
            for sequence, command in self.places.get(place, {}).items():
                if len(sequence) > len(strokes) and sequence[: len(strokes)] == strokes:
                    found.setdefault(sequence[len(strokes)], command)
        return found

    def keys_of(self, command_id: str) -> tuple[str, ...]:
        """All sequences of a command, as they are written: `g i`."""
        return tuple(
            " ".join(sequence)
            for place in self.places.values()
            for sequence, command in place.items()
            if command.id == command_id
        )

    def instead(self, typed: str) -> str:
        """What to press, where another program has this key for something that goes another way here."""
        words = INSTEAD.get(self.name, {}).get(typed, "")
        return re.sub(r"\{([a-z.]+)\}", lambda found: self.key_of(found[1]), _(words)) if words else ""

    def key_of(self, command_id: str) -> str:
        """The one that is shown."""
        keys = self.keys_of(command_id)
        return keys[0] if keys else ""


def name_keys(keymap: Keymap) -> None:
    """Sentences name the keys of this one, and those of the composer."""
    writing = {f"writing.{one.asks}": key_shown(one.key) for one in WRITING}
    use({**writing, **{command: key_shown(keymap.key_of(command)) for command in BY_ID}})


def build(name: str, layers: Sequence[tuple[str, Mapping[str, object]]] = ()) -> Keymap:
    """The keymap of the defaults and the layers over them; what cannot be used is reported and left out."""
    keymap = Keymap(name)
    wanted: dict[str, tuple[str, ...]] = {command.id: command.keys for command in COMMANDS}
    for source, layer in layers:
        for command_id, keys in layer.items():
            if command_id not in BY_ID:
                keymap.problems.append(KeymapProblem("unknown_command", command_id, source))
                continue
            listed = [keys] if isinstance(keys, str) else keys
            if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
                keymap.problems.append(KeymapProblem("unreadable", command_id, source))
                continue
            wanted[command_id] = tuple(listed)
    keymap.wishes = {command_id for _source, layer in layers for command_id in layer}
    _bind_all(keymap, wanted)
    had = {command_id: wanted[command_id] for command_id in keymap.wishes & BY_ID.keys()}
    for command_id, strokes, holder in list(_shadowed(keymap)):
        keymap.problems.append(KeymapProblem("clash", f"{' '.join(strokes)}: {holder}, {command_id}"))
        del keymap.places[Where.DESK][strokes]
        wanted[command_id] = tuple(key for key in wanted[command_id] if tuple(key.split()) != strokes)
    lost = {command_id for command_id, keys in had.items() if keys and not keymap.keys_of(command_id)}
    if keymap.problems:  # once more: what lost gets its default back, and so does what would have given way to it
        again = Keymap(name, wishes=keymap.wishes - lost)
        _bind_all(again, wanted | {command_id: BY_ID[command_id].keys for command_id in lost})
        keymap.places = again.places
    _in_order(keymap)
    return keymap


def _bind_all(keymap: Keymap, wanted: Mapping[str, tuple[str, ...]]) -> None:
    for command in sorted(COMMANDS, key=lambda c: c.id not in keymap.wishes):
        for key in wanted[command.id]:
            _bind(keymap, command, tuple(key.split()))


def _shadowed(keymap: Keymap) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Keys that were wished for everywhere, and mean something else in the list or in a conversation."""
    for strokes, command in keymap.places.get(Where.DESK, {}).items():
        if command.id not in keymap.wishes:
            continue
        for inner in (Where.LIST, Where.THREAD):
            place = keymap.places.get(inner, {})
            holder = place.get(strokes) or _prefix_holder(place, strokes)
            if holder is not None:
                yield command.id, strokes, holder.id
                break


def _bind(keymap: Keymap, command: Command, strokes: tuple[str, ...]) -> None:
    if not strokes:
        return
    if strokes[0] in DIGITS or FORBIDDEN & set(strokes):
        keymap.problems.append(KeymapProblem("forbidden_key", f"{' '.join(strokes)} = {command.id}"))
        return
    place = keymap.places.setdefault(command.where, {})
    holder = place.get(strokes) or _prefix_holder(place, strokes)
    if holder is None:
        place[strokes] = command
    elif command.id in keymap.wishes or holder.id not in keymap.wishes:
        # A default that gives way to a wish is no clash: the wish moved the key on purpose.
        keymap.problems.append(KeymapProblem("clash", f"{' '.join(strokes)}: {holder.id}, {command.id}"))


def _prefix_holder(place: Mapping[tuple[str, ...], Command], strokes: tuple[str, ...]) -> Command | None:
    for sequence, command in place.items():
        shorter = min(len(sequence), len(strokes))
        if sequence[:shorter] == strokes[:shorter] and len(sequence) != len(strokes):
            return command
    return None


def _in_order(keymap: Keymap) -> None:
    """Keep the order of the table, so that documents and hints do not depend on who was bound first."""
    rank = {command.id: number for number, command in enumerate(COMMANDS)}
    for where, place in keymap.places.items():
        keymap.places[where] = dict(sorted(place.items(), key=lambda entry: rank[entry[1].id]))


def shipped() -> tuple[str, ...]:
    """Names of the keymaps that come with the desk."""
    folder = resources.files("agent_tui.themes").joinpath("keymaps")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def with_own(name: str = "default", own: Mapping[str, str] | None = None) -> Keymap:
    """A shipped keymap with the agent's own keys over it (`solve = "e, g e"`). Never fails: see `problems`."""
    layers: list[tuple[str, Mapping[str, object]]] = []
    problems = []
    if name in shipped():
        text = resources.files("agent_tui.themes").joinpath("keymaps", f"{name}.toml").read_text("utf-8")
        layers.append((name, tomllib.loads(text).get("keys", {})))
    else:
        problems.append(KeymapProblem("unknown_keymap", name))
    if own:
        layers.append(("settings", {command: split_keys(keys) for command, keys in own.items()}))
    keymap = build(name, layers)
    keymap.problems[:0] = problems
    return keymap


def split_keys(text: str) -> list[str]:
    """`e, g e` as two; a comma alone is the key of that name."""
    if text.strip() == ",":
        return [","]
    return [key.strip() for key in text.split(",") if key.strip()]
