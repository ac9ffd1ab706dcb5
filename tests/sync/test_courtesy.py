"""Whoever is at the keys goes first, for a while; whoever writes gets a gap."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

import pytest

from agent_tui.last_key import LastKey
from agent_tui.sync.courtesy import GAP, QUIET, THEN_WORKS, WAITS_AT_MOST, Pace


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds


def test_hands_that_rest_hold_nothing_up() -> None:
    clock = Clock()
    assert Pace(lambda: QUIET, clock).pause() == 0
    assert Pace(clock=clock).pause() == 0


def test_work_waits_until_the_hands_rest() -> None:
    clock, pressed = Clock(), 99.99
    pace = Pace(lambda: clock.now - pressed, clock)
    left = pace.pause()
    assert left == pytest.approx(QUIET - 0.01)
    clock.sleep(left + 1e-9)
    assert pace.pause() == 0


def test_keys_that_never_end_do_not_stop_it_for_ever() -> None:
    clock = Clock()
    pace = Pace(lambda: 0.0, clock)
    worked = waited = 0.0
    while clock.now < 200:
        if left := pace.pause():
            assert left <= QUIET
            clock.sleep(left)
            waited += left
        else:
            clock.now += 0.01
            worked += 0.01
    share = worked / (worked + waited)
    assert share == pytest.approx(THEN_WORKS / (THEN_WORKS + WAITS_AT_MOST), abs=0.03)


def test_a_gap_is_left_behind_each_transaction_whoever_wrote_it() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    pace.let_others_write()
    assert clock.slept == 0
    pace.ended()
    pace.let_others_write()
    assert clock.slept == pytest.approx(GAP)
    pace.let_others_write()
    assert clock.slept == pytest.approx(GAP), "only as much as is left of it"


def test_a_key_is_known_to_other_processes(tmp_path: Path) -> None:
    desk, worker = LastKey(tmp_path / "last-key"), LastKey(tmp_path / "last-key")
    assert worker.ago() == float("inf")
    desk.pressed()
    assert 0 <= worker.ago() < 5
    assert (tmp_path / "last-key").stat().st_mode & 0o777 == 0o600
    desk.close()
    worker.close()


@pytest.mark.parametrize(
    "told",
    [b"", b"abc", struct.pack("=d", float("nan")), struct.pack("=d", time.monotonic() + 1e6)],
    ids=["nothing", "too short", "no number", "to come"],
)
def test_what_tells_no_moment_holds_nothing_up(tmp_path: Path, told: bytes) -> None:
    (tmp_path / "last-key").write_bytes(told)
    key = LastKey(tmp_path / "last-key")
    assert key.ago() == float("inf")
    key.close()


def test_no_file_no_harm(tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "last-key", tmp_path):
        key = LastKey(path)
        key.pressed()
        assert key.ago() == float("inf")
        key.close()
    (tmp_path / "foreign").write_text("foreign text")
    os.symlink(tmp_path / "foreign", tmp_path / "last-key")
    LastKey(tmp_path / "last-key").pressed()
    assert (tmp_path / "foreign").read_text() == "foreign text"
