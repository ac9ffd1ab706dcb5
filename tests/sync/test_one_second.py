"""Mails that a server says came within one second stand in the order in which they answer each other."""

from __future__ import annotations

import random

import pytest

from agent_tui.domain.times import MINUTE, SECOND, now
from tests.sync.ingest_bench import Bench
from tests.sync.workspace import mail

MANY = 13


@pytest.mark.parametrize("live", [True, False], ids=["live", "history"])
@pytest.mark.parametrize("seed", range(6))
def test_answers_stand_behind_what_they_answer(bench: Bench, seed: int, live: bool) -> None:
    at = (now() - MINUTE) // SECOND * SECOND
    brought = list(range(1, MANY + 1))
    random.Random(seed).shuffle(brought)
    for uid, n in enumerate(brought, 100):
        before = [f"<t{one}@a>" for one in range(1, n)]
        tied = {"In_Reply_To": before[-1], "References": " ".join(before)} if before else {}
        bench.mail(mail(text=f"Message {n}", Message_ID=f"<t{n}@a>", **tied), at, uid=uid, live=live)
    messages = sorted(bench.workspace.all_messages(), key=lambda one: one.order)
    assert [one.text.strip() for one in messages] == [f"Message {n}" for n in range(1, MANY + 1)], brought
    assert len(bench.workspace.rows()) == 1
