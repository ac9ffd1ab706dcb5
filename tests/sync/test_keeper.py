"""A worker that died is started again, and one that keeps dying is not started in a rush."""

from __future__ import annotations

import threading
import time

from agent_tui.sync.keeper import WorkerKeeper


def _until(condition: threading.Event) -> None:
    assert condition.wait(10)


def test_a_missing_worker_is_started_again() -> None:
    alive, twice = threading.Event(), threading.Event()

    def ensure() -> bool:
        alive.set()
        if keeper.starts:
            twice.set()
        return True

    keeper = WorkerKeeper(ensure, lambda: not alive.is_set(), look_every=0.01)
    keeper.start()
    _until(alive)
    while not keeper.starts:
        time.sleep(0.001)
    assert not twice.is_set()
    alive.clear()
    _until(twice)
    keeper.stop()


def test_a_worker_that_dies_young_is_started_more_slowly() -> None:
    keeper = WorkerKeeper(lambda: True, lambda: True, look_every=0.02)
    keeper.start()
    time.sleep(1.0)
    keeper.stop()
    assert 2 <= keeper.starts <= 8  # 0.02 + 0.04 + 0.08 + … instead of fifty


def test_a_worker_that_ends_as_soon_as_it_starts_is_told() -> None:
    keeper = WorkerKeeper(lambda: True, lambda: True, look_every=0.01)
    assert not keeper.failing
    keeper.start()
    end = time.monotonic() + 10
    while not keeper.failing and time.monotonic() < end:
        time.sleep(0.01)
    keeper.stop()
    assert keeper.failing
    assert keeper.starts >= 4


def test_a_worker_that_lives_again_is_no_trouble_any_more() -> None:
    alive = threading.Event()
    keeper = WorkerKeeper(lambda: True, lambda: not alive.is_set(), look_every=0.01)
    keeper.start()
    end = time.monotonic() + 10
    while not keeper.failing and time.monotonic() < end:
        time.sleep(0.01)
    assert keeper.failing
    alive.set()
    while keeper.failing and time.monotonic() < end:
        time.sleep(0.01)
    keeper.stop()
    assert not keeper.failing


def test_one_that_was_killed_once_is_no_trouble() -> None:
    missing = [True, False, False]
    keeper = WorkerKeeper(lambda: True, lambda: missing.pop(0) if missing else False, look_every=0.01)
    keeper.start()
    end = time.monotonic() + 10
    while missing and time.monotonic() < end:
        time.sleep(0.01)
    keeper.stop()
    assert not missing
    assert not keeper.failing


def test_no_start_after_the_end() -> None:
    keeper = WorkerKeeper(lambda: True, lambda: True, look_every=0.01)
    keeper.start()
    keeper.stop()
    starts = keeper.starts
    time.sleep(0.1)
    assert keeper.starts == starts


def test_a_full_machine_does_not_end_the_watch() -> None:
    calls = []

    def ensure() -> bool:
        calls.append(1)
        raise BlockingIOError("no more processes")

    keeper = WorkerKeeper(ensure, lambda: True, look_every=0.01)
    keeper.start()
    end = time.monotonic() + 5
    while len(calls) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    keeper.stop()
    assert len(calls) >= 2
