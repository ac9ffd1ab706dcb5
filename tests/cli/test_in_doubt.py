"""An answer that a forged mail would take to a stranger is refused until it is meant."""

from __future__ import annotations

from pathlib import Path

from agent_tui.domain.message import Person, Placement, Rule
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import now
from agent_tui.locations import locate
from agent_tui.store.open import open_worker
from tests.cli.conftest import Run
from tests.store.makers import START, message


def test_an_answer_to_whom_a_forged_mail_names_is_refused(run: Run, demo: Path) -> None:
    wanted = next(str(row["id"]) for row in run("list", "order", "--json").lines if row["channel"] == "email")
    whole = run("show", wanted, "--json").one
    customer = Person(NOTHING, SafeText.trusted(whole["customer"]["identities"][0]["value"]))
    eve = Person(SafeText.trusted("Eve"), SafeText.trusted("eve@evil.example"))
    at = now() - START
    worker = open_worker(locate(demo).data)
    with worker.ingest() as tx:
        forged = message(
            "See there", at=at, account=whole["account"], author=customer, cc=(eve,), warnings=("auth_failed",)
        )
        tx.add_message(forged, int(wanted), Placement(Rule.IN_REPLY_TO))
    to_all = run("reply", wanted, "--text", "Thank you", "--all")
    assert to_all.code == 1
    assert "eve@evil.example  (--force only_in_doubt)" in to_all.err
    with worker.ingest() as tx:
        hers = message("Write to me", at=at + 1, account=whole["account"], author=eve)
        tx.add_message(hers, int(wanted), Placement(Rule.IN_REPLY_TO))
    worker.close()
    to_her = run("reply", wanted, "--text", "Thank you")
    assert to_her.code == 1
    assert "eve@evil.example is not whom this conversation is with" in to_her.err
    assert "(--force somebody_else)" in to_her.err
    assert run("reply", wanted, "--text", "Thank you", "--force", "somebody_else").code == 0
