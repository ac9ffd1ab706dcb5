"""What the keys do, by command: reply, note, assign, tag, status, snooze, undo."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent_tui.backends.demo.server import DemoServer
from agent_tui.cli.demo import service_file
from agent_tui.cli.wording import FINDINGS, NEVER_FORCED
from agent_tui.desk import presend
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Direction, Person, Placement, Rule
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import now
from agent_tui.locations import locate, prepare
from agent_tui.store.open import open_worker, open_workspace
from tests.cli.conftest import Run
from tests.store.makers import START, message


def _mail(run: Run) -> int:
    """A conversation by mail that waits for us, and speaks English."""
    return int(next(row["id"] for row in run("list", "order", "--json").lines if row["channel"] == "email"))


def _sync(home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agent_tui", "sync", "--once"], capture_output=True, text=True, timeout=60, check=False
    )


def test_an_answer_is_queued_sent_and_on_record_there(run: Run, demo: Path, tmp_path: Path) -> None:
    wanted = _mail(run)
    text = tmp_path / "answer.txt"
    text.write_text("It left this morning.\nYou get the number tonight.\n", "utf-8")
    queued = run("reply", str(wanted), "--text-file", str(text), "--now", "--json").one
    assert queued["conversation"] == wanted
    assert queued["state"] in ("held", "queued")
    assert queued["text"].startswith("It left this morning.\nYou get the number tonight.\n")
    assert "\n> " in queued["text"]
    assert run("outbox", "--json").one["id"] == queued["id"]
    done = _sync(demo)
    assert done.returncode == 0, done.stderr
    assert run("outbox", "--json").out == ""
    sent = next(item for item in run("outbox", "--all", "--json").lines if item["id"] == queued["id"])
    assert sent["state"] == "sent"
    server = DemoServer(service_file(locate(demo)))
    assert server.taken(queued["message_id"]) is not None
    server.close()
    whole = run("show", str(wanted), "--json").one
    assert whole["status"] == "waiting"
    last = [message for message in whole["messages"] if message["kind"] == "message"][-1]
    assert (last["direction"], last["delivery"]) == ("out", "sent")
    assert last["visible_text"].startswith("It left this morning.")


def test_an_answer_to_a_chat(run: Run, demo: Path) -> None:
    wanted = next(row["id"] for row in run("list", "--json").lines if row["channel"] == "chat")
    queued = run("reply", str(wanted), "--now", "--json", given="In two weeks, and there will be thirty.\n").one
    assert queued["text"] == "In two weeks, and there will be thirty."
    assert _sync(demo).returncode == 0
    whole = run("show", str(wanted), "--json").one
    ours = [message for message in whole["messages"] if message["kind"] == "message" and message["direction"] == "out"]
    assert [message["text"] for message in ours].count("In two weeks, and there will be thirty.") == 1


def test_what_speaks_against_it_is_told_and_overridden_by_name(run: Run, demo: Path) -> None:
    wanted = str(_mail(run))
    refused = run("reply", wanted, given="See the attached label.")
    assert refused.code == 1
    assert "--force no_attachment" in refused.err
    assert run("outbox", "--json").out == ""
    other = run("reply", wanted, "--force", "placeholder", given="See the attached label.")
    assert other.code == 1
    forced = run("reply", wanted, "--force", "no_attachment", given="See the attached label.")
    assert forced.code == 0
    assert run("outbox", "--json").one["conversation"] == int(wanted)


@pytest.mark.parametrize("code", ["bogus", "no_recipient"])
def test_a_reason_there_is_not_is_refused(run: Run, demo: Path, code: str) -> None:
    wanted = str(_mail(run))
    ran = run("reply", wanted, "--force", code, given="It left today.")
    assert ran.code == 2
    assert f"“{code}” is no reason" in ran.err
    assert "no_attachment, no_subject, not_in_first, not_in_last" in ran.err
    assert run("outbox", "--json").out == ""


def test_every_reason_is_known_by_name() -> None:
    text = Path(presend.__file__).read_text("utf-8")
    named = set(re.findall(r'(?:Finding\(\s*|code = |else )"(\w+)"(?! \+)', text)) - {"conversation_"}
    named |= {f"conversation_{status.value}" for status in (Status.CLOSED, Status.SPAM)}
    assert named == set(FINDINGS)
    stops = set(re.findall(r'Finding\("(\w+)", Severity\.STOP', text))
    assert stops == NEVER_FORCED


def test_an_attached_file_goes_along(run: Run, demo: Path, tmp_path: Path) -> None:
    label = tmp_path / "label.pdf"
    label.write_bytes(b"%PDF-1.4 x")
    wanted = str(_mail(run))
    assert run("reply", wanted, "--attach", str(label), "--json", given="See the attached label.").code == 0
    whole = run("show", wanted, "--json").one
    last = [message for message in whole["messages"] if message["kind"] == "message"][-1]
    assert [file["name"] for file in last["attachments"]] == ["label.pdf"]
    missing = run("reply", wanted, "--attach", str(tmp_path / "none.pdf"), given="Attached.")
    assert missing.code == 1
    assert missing.err


@pytest.mark.parametrize("given", ["", "  \n\n"])
def test_nothing_to_say_is_not_sent(run: Run, demo: Path, given: str) -> None:
    assert run("reply", str(_mail(run)), given=given).code == 1
    assert run("note", str(_mail(run)), given=given).code == 1
    assert run("outbox", "--json").out == ""


def test_a_text_that_is_none_is_refused(run: Run, demo: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\xff\xfe\x00")
    for path in (broken, tmp_path / "absent", tmp_path):
        ran = run("reply", str(_mail(run)), "--text-file", str(path))
        assert ran.code == 1
        assert str(path) in ran.err


def test_an_answer_can_be_scheduled_and_solve(run: Run, demo: Path) -> None:
    wanted = str(_mail(run))
    queued = run("reply", wanted, "--at", "tomorrow 9:00", "--solve", "--json", given="Done.").one
    assert (queued["state"], queued["scheduled"]) == ("held", True)
    assert queued["not_before"].endswith("T09:00:00Z")
    assert run("show", wanted, "--json").one["status"] == "solved"


def test_a_held_answer_can_be_taken_back(run: Run, demo: Path) -> None:
    wanted = str(_mail(run))
    before = run("show", wanted, "--json").one["status"]
    assert run("reply", wanted, "--json", "--text", "Too soon.").one["state"] == "held"
    taken_back = run("undo")
    assert taken_back.code == 0
    assert "Taken back: Message in #" in taken_back.err
    assert "is a draft again." in taken_back.err
    assert run("outbox", "--json").out == ""
    assert run("show", wanted, "--json").one["status"] == before


def test_a_note_stays_here(run: Run, demo: Path) -> None:
    wanted = str(_mail(run))
    noted = run("note", wanted, "--json", given="Ask Petro first.\n").one
    assert noted["conversation"] == int(wanted)
    assert run("outbox", "--all", "--json").out == ""
    whole = run("show", wanted, "--json").one
    [note] = [message for message in whole["messages"] if message["kind"] == "note"]
    assert note["text"] == "Ask Petro first."
    _sync(demo)
    server = DemoServer(service_file(locate(demo)))
    said = server.records._database.execute(
        "SELECT count(*) FROM messages WHERE raw LIKE '%Ask Petro%' OR text LIKE '%Ask Petro%'"
    )
    assert said.fetchone()[0] == 0
    server.close()


def test_fields_are_set_and_taken_back_one_by_one(run: Run, demo: Path) -> None:
    first, second = [str(row["id"]) for row in run("list", "--view", "unassigned", "--json").lines][:2]
    changed = run("assign", f"{first},{second}", "me", "--json").one
    assert changed["changed"] == sorted([int(first), int(second)])
    assert run("show", first, "--json").one["assignee"] == "dana"
    run("tag", first, "vip", "Late", "--json")
    run("tag", first, "--remove", "VIP")
    assert "Late" in run("show", first, "--json").one["tags"]
    assert "vip" not in run("show", first, "--json").one["tags"]
    run("status", first, "solved")
    assert run("show", first, "--json").one["status"] == "solved"
    assert run("undo", "--json").one["result"] == "done"
    assert run("show", first, "--json").one["status"] in ("new", "open")
    step = next(line for line in run("undo", "--list", "--json").lines if line["code"] == "assign")
    assert run("undo", str(step["id"])).code == 0
    assert run("show", second, "--json").one["assignee"] is None
    assert run("assign", first, "nobody").code == 0
    assert run("assign", first, "petro").code == 0
    stranger = run("assign", first, "gordon")
    assert stranger.code == 2
    assert "petro" in stranger.err


def test_snoozed_until_a_time(run: Run, demo: Path) -> None:
    wanted = str(_mail(run))
    assert run("snooze", wanted, "tomorrow", "9:00").code == 0
    whole = run("show", wanted, "--json").one
    assert whole["status"] == "snoozed"
    assert whole["snoozed_until"].endswith("T09:00:00Z")
    assert run("snooze", wanted, "2001-01-01").code == 2
    for arguments in (("snooze", wanted, "-1h"), ("reply", wanted, "--text", "Later.", "--at", "-1h")):
        before = run(*arguments)
        assert before.code == 2
        assert "“-1h” is no time; write it as `2h`" in before.err


def test_what_was_taken_back_is_said(run: Run, demo: Path) -> None:
    wanted = str(_mail(run))
    number = run("show", wanted, "--json").one["number"]
    run("status", wanted, "solved")
    ran = run("undo")
    assert (ran.code, ran.err) == (0, f"Taken back: Solved #{number}.\n")


@pytest.mark.parametrize("typed", ["nope", "-1", "1.5", "9" * 25])
def test_a_step_there_cannot_be(run: Run, typed: str) -> None:
    ran = run("undo", typed)
    assert ran.code == 2
    assert f"“{typed}” is no step" in ran.err
    assert "_step" not in ran.err


def test_where_nothing_is_left_to_undo(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_TUI_HOME", str(tmp_path))
    open_workspace(prepare(locate(tmp_path)).data)
    ran = run("undo")
    assert ran.code == 1
    assert "nothing" in ran.err.lower()
    listed = run("undo", "--list")
    assert (listed.code, listed.out, listed.err) == (0, "", "Nothing was done here yet.\n")
    assert run("undo", "--list", "--json").err == ""


@pytest.mark.parametrize(
    "command",
    [
        ["undo"], ["undo", "--list"], ["reply", "1", "--text", "Hi"], ["note", "1", "--text", "Hi"], ["tag", "1", "vip"],
        ["assign", "1", "me"], ["status", "1", "solved"], ["account", "list"], ["account", "check", "mail"],
        ["account", "remove", "mail"],
    ],
)  # fmt: skip
def test_a_mistyped_place_becomes_no_workspace(run: Run, tmp_path: Path, command: list[str]) -> None:
    place = tmp_path / "mistyped"
    ran = run(*command, "--home", str(place))
    assert not place.exists()
    said = f"agent-tui: There is no workspace in {place}; `agent-tui account add` makes one."
    assert (ran.code, ran.out, " ".join(ran.err.split())) == (1, "", said)


def test_a_worker_that_already_runs_is_told_to_look(run: Run, demo: Path) -> None:
    from agent_tui.sync.lock import take_worker_lock

    lock = take_worker_lock(locate(demo).worker_lock)
    assert lock is not None
    with lock:
        once = run("sync", "--once")
        assert once.code == 0
        assert "already" in once.err
        assert run("sync").code == 1


def test_a_held_answer_says_how_it_is_taken_back(run: Run, demo: Path) -> None:
    told = run("reply", str(_mail(run)), "--text", "Too soon.")
    assert told.code == 0
    assert "10 s" in told.err
    assert "agent-tui undo" in told.err
    assert run("outbox", "--json").one["state"] == "held"


def test_a_flag_is_never_guessed_and_a_text_may_be_an_argument(run: Run, demo: Path) -> None:
    wanted = str(_mail(run))
    assert run("note", wanted, "--tex", "hi").code == 2
    assert run("note", wanted, "--text", "hi", "--text-file", "x.txt").code == 2
    assert run("note", wanted, "--text", " ").code == 1
    assert run("note", wanted, "--text", "hi").code == 0
    notes = [item for item in run("show", wanted, "--json").one["messages"] if item["kind"] == "note"]
    assert [note["text"] for note in notes] == ["hi"]


def test_tags_with_a_sign(run: Run, demo: Path) -> None:
    wanted = str(_mail(run))
    before = set(run("show", wanted, "--json").one["tags"])
    assert run("tag", wanted, "+vip", "late").code == 0
    assert set(run("show", wanted, "--json").one["tags"]) == before | {"vip", "late"}
    assert run("tag", wanted, "--", "-vip", "+soon").code == 0
    assert set(run("show", wanted, "--json").one["tags"]) == before | {"late", "soon"}
    assert run("tag", wanted, "+").code == 2
    assert "a, b, " in run("tag", wanted, "a, b").err
    assert set(run("show", wanted, "--json").one["tags"]) == before | {"late", "soon", "a", "b"}
    assert run("tag", wanted, "+c, -b", "--remove", "late,soon").code == 0
    assert set(run("show", wanted, "--json").one["tags"]) == before | {"a", "c"}
    assert run("tag", wanted, ",").code == 2


def test_flags_stand_before_or_behind(run: Run, demo: Path) -> None:
    """argparse alone would take the tags as none where a flag comes before them."""
    wanted = str(_mail(run))
    kept = set(run("show", wanted, "--json").one["tags"])
    for arguments, tags in (
        ((wanted, "--json", "--", "+one"), {"one"}),
        ((wanted, "--json", "+two"), {"one", "two"}),
        ((wanted, "-r", "one", "+three"), {"two", "three"}),
        ((wanted, "four", "--json", "--", "-two", "-three"), {"four"}),
    ):
        ran = run("tag", *arguments)
        assert ran.code == 0, ran.err
        assert set(run("show", wanted, "--json").one["tags"]) == kept | tags
    assert len(run("list", "is:open", "--json", "or", "-n", "1").lines) <= 1
    assert run("tag", wanted, "--jsn", "x").code == 2
    assert run("note", wanted, "--text").code == 2


def test_the_outbox_says_what_the_screen_says(run: Run, demo: Path) -> None:
    first, second = [row["id"] for row in run("list", "--json").lines if row["channel"] == "email"][:2]
    run("reply", str(first), "--text", "Soon.")
    assert "1 message: held\n" in run("doctor").out
    run("reply", str(second), "--text", "Tomorrow.", "--at", "tomorrow 9:00")
    words = {line.split("\t")[1] for line in run("outbox").out.splitlines()}
    assert words == {"held", "later"}
    assert "2 messages: held, later" in run("doctor").out
    assert {item["state"] for item in run("outbox", "--json").lines} == {"held"}, "programs read the code"


def test_the_outbox_says_that_the_customer_wrote_first(run: Run, demo: Path) -> None:
    first, second, third = [row for row in run("list", "--json").lines if row["channel"] == "email"][:3]
    by_other = run("reply", str(third["id"]), "--text", "Tomorrow.", "--at", "tomorrow 9:00", "--json").one
    stopped = run("reply", str(first["id"]), "--text", "Tomorrow.", "--at", "tomorrow 9:00", "--json").one
    taken_back = run("reply", str(second["id"]), "--text", "Soon.", "--json").one
    assert run("undo").code == 0
    worker = open_worker(locate(demo).data)
    with worker.ingest() as tx:
        assert tx.stop_held(int(first["id"]), now()) == [stopped["id"]]
        assert tx.stop_held(int(third["id"]), now(), SafeText.trusted("Karl")) == [by_other["id"]]
    worker.close()
    told = {line.split("\t")[0]: line.split("\t") for line in run("outbox", "--all").out.splitlines()}
    state, *_, why = told[str(stopped["id"])][1:]
    assert state == "not sent"
    assert why.startswith(f"Not sent: {first['customer']} wrote first; your message for ")
    assert why.endswith(" is a draft again.")
    assert told[str(by_other["id"])][-1].startswith("Not sent: Karl wrote first; your message for ")
    assert told[str(taken_back["id"])][1] == "taken back"
    states = {item["id"]: item["state"] for item in run("outbox", "--all", "--json").lines}
    assert states[stopped["id"]] == "stopped", "programs read the code"


def test_an_answer_to_somebody_else_is_refused_until_it_is_meant(run: Run, demo: Path) -> None:
    wanted = _mail(run)
    question = next(one for one in run("show", str(wanted), "--json").one["messages"] if one["direction"] == "in")
    worker = open_worker(locate(demo).data)
    karl = Person(SafeText.trusted("Karl"), SafeText.trusted("karl@supplier.example"))
    account = run("show", str(wanted), "--json").one["account"]
    at = now() - START
    with worker.ingest() as tx:
        for new in (
            message("Please look", at=at, account=account, direction=Direction.OUT, to=(karl,)),
            message("It was the valve", at=at + 1, account=account, author=karl),
        ):
            tx.add_message(new, wanted, Placement(Rule.IN_REPLY_TO))
    worker.close()
    refused = run("reply", str(wanted), "--text", "Thank you")
    assert refused.code == 1
    assert "will not get this: it goes to karl@supplier.example alone  (--force customer_misses)" in refused.err
    answered = run("reply", str(wanted), "--text", "Thank you", "--message", str(question["id"]), "--json")
    assert answered.one["to"][0]["address"] == question["author"]["address"]
    assert run("reply", str(wanted), "--text", "Thank you", "--message", "1").code == 1
    assert run("reply", str(wanted), "--text", "Thank you", "--force", "customer_misses").code == 0
