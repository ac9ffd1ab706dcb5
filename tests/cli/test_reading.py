"""Looking: list, search, show, export, outbox; and how it is printed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent_tui.cli import output
from agent_tui.cli.output import lay_out
from agent_tui.content.safe import safe
from agent_tui.domain.message import Delivery, Direction
from agent_tui.locations import locate
from agent_tui.store.migrate import migrate
from agent_tui.widgets.cells import fit, width
from tests.cli.conftest import Run
from tests.pty_terminal import PtyTerminal

MESSAGE = {
    "id", "kind", "direction", "author", "to", "cc", "sent_at", "subject", "text", "visible_text", "attachments",
    "delivery", "placement",
}  # fmt: skip
CONVERSATION = {
    "id", "number", "subject", "status", "channel", "account", "customer", "assignee", "priority", "tags", "messages",
}  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_the_version_and_help(run: Run) -> None:
    assert run("--version").out.startswith("agent-tui 0.")
    helped = run("--help")
    assert helped.code == 0
    for word in ("demo", "account", "reply", "import", "doctor", "examples:", "exit codes"):
        assert word in helped.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",),
        ("show",),
        ("list", "--view", "nope"),
        ("list", "-n", "0"),
        ("show", "x"),
        ("snooze", "1", "gestern"),
        ("status", "1", "snoozed"),
        ("account", "add"),
        ("account", "add", "nosuch"),
        ("account", "add", "imap", "--host", "h", "--user", "u", "--port", "x", "--no-check"),
        ("tag", "1"),
        ("locate", "nothing"),
        ("demo", "--speed", "0"),
        ("import", "x", "--account", "../x"),
        ("import", "/nonexistent/mails"),
    ],
)
def test_wrong_usage_is_two_and_says_why(run: Run, demo: Path, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("agent-tui")


def test_a_wrong_option_is_told_in_plain_words(run: Run, demo: Path) -> None:
    ran = run("account", "add", "imap", "--host", "evil host", "--user", "u", "--addresses", "a@b.test", "--no-check")
    assert ran.code == 2
    assert "--host" in ran.err
    assert "Value error" not in ran.err


@pytest.mark.parametrize(
    ("flag", "typed", "said"),
    [
        *(("--speed", typed, "is no number from 0.01 to 1000") for typed in ("x", "0", "nan", "inf", "-1")),
        *(("--seed", typed, "is no whole number") for typed in ("x", "1.5", "-5x", "")),
    ],
)
def test_what_the_demo_takes_is_told_in_our_words(run: Run, flag: str, typed: str, said: str) -> None:
    ran = run("demo", "--prepare", f"{flag}={typed}")
    assert ran.code == 2
    assert f"“{typed}” {said}" in ran.err


@pytest.mark.parametrize("typed", ["abc", "-1", "0", "1.5", "9" * 25])
def test_how_many_is_a_number(run: Run, typed: str) -> None:
    for command in (("list",), ("search", "refund")):
        ran = run(*command, "-n", typed)
        assert ran.code == 2
        assert f"“{typed}” is no number from 1 on" in ran.err
        assert "_count" not in ran.err


def test_as_many_as_there_are(run: Run, demo: Path) -> None:
    assert run("list", "-n", "9" * 15, "--json").code == 0


@pytest.mark.parametrize("arguments", [("show", "99999"), ("show", "#99999", "--json"), ("account", "check", "nobody")])
def test_what_cannot_be_done_is_one(run: Run, demo: Path, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.count("\n") == 1


def test_rows_of_views(run: Run, demo: Path) -> None:
    rows = run("list", "--json").lines
    assert len(rows) > 15
    assert {row["status"] for row in rows} <= {"new", "open"}
    assert {"email", "chat"} == {row["channel"] for row in rows}
    assert all(MOMENT.fullmatch(row["last_at"]) for row in rows)
    assert [row["last_at"] for row in rows] == sorted((row["last_at"] for row in rows), reverse=True)
    assert {row["assignee"] for row in run("list", "--view", "mine", "--json").lines} == {"dana"}
    assert len(run("list", "--view", "all", "--json", "-n", "1000").lines) > 200
    assert len(run("list", "--view", "all", "--json", "-n", "7").lines) == 7
    assert len(run("list", "--view", "spam", "--json").lines) == 2
    assert len(run("list", "--view", "snoozed", "--json").lines) == 3


def test_rows_for_people(run: Run, demo: Path) -> None:
    rows = run("list", "--json").lines
    shown = run("list")
    assert shown.code == 0
    assert str(rows[0]["id"]) in shown.out.splitlines()[0]
    assert rows[0]["customer"] in shown.out.splitlines()[0]
    first = shown.out.splitlines()[0].split("\t")
    assert first[3] in ("mail", "chat")
    assert first[6].startswith(rows[0]["subject"] or "")
    assert any("unassigned" in line for line in shown.out.splitlines())


def test_a_name_never_stands_for_an_address(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_TUI_HOME", str(tmp_path / "home"))
    mail = tmp_path / "mail"
    mail.mkdir()
    for number, name in enumerate(["Victim", "ceo@bank.example", "boss＠bank.example", "foo <ceo@bank.example>"]):
        (mail / f"{number}.eml").write_text(
            f'From: "{name}" <evil{number}@evil.example>\nTo: us@aurora.example\nSubject: Hello {number}\n'
            f"Message-ID: <{number}@evil.example>\nDate: Tue, 24 Nov 2026 10:00:0{number} +0000\n\nHello\n"
        )
    assert run("import", str(mail)).code == 0
    rows = run("list", "--view", "all", "--json").lines
    assert {row["customer"] for row in rows} == {"Victim", *(f"evil{n}@evil.example" for n in (1, 2, 3))}
    for row in rows:
        number = row["subject"][-1]
        _title, head, _gap, first, *_rest = run("show", str(row["id"])).out.splitlines()
        assert f"evil{number}@evil.example" in head
        assert f"<evil{number}@evil.example>" in first
        assert head.count("@bank") + head.count("＠bank") == 0


@pytest.mark.parametrize("room", [60, 80, 100, 140])
def test_rows_fit_the_terminal(room: int) -> None:
    cells = [
        ["12", "●", "Олександра Довгоприізвищенко-Мельник", "mail", "open", "unassigned", "Повернення " * 30, "2026-11-24"],
        ["1234", " ", "Ann", "chat", "waiting", "You", "Short", "2026-11-23"],
    ]  # fmt: skip
    lines = lay_out(cells, room, 6, {2: 20, 5: 10}, (3, 4))
    assert [width(line) for line in lines] == [room, room]
    assert all(line.endswith(row[-1]) for line, row in zip(lines, cells, strict=True))
    assert ("waiting" in lines[1]) == (room >= 100)


def test_a_query_lists_what_matches(run: Run, demo: Path) -> None:
    found = run("list", "tag:refund", "--json").lines
    assert found
    assert all("refund" in row["tags"] for row in found)
    hinted = run("list", "prioritty:high", "--json")
    assert "prioritty" in hinted.err


def test_hits_tell_where_and_why(run: Run, demo: Path) -> None:
    hits = run("search", "refund", "--json").lines
    assert hits
    for hit in hits:
        assert {"conversation", "message", "snippet", "field"} <= hit.keys()
    assert any(hit["field"] == "note" for hit in hits)
    cyrillic = run("search", "черевики", "--json").lines
    assert cyrillic
    assert "hit" in run("search", "refund").err


def test_a_chat_is_called_as_on_the_desk(run: Run, demo: Path) -> None:
    chat = next(row for row in run("list", "--view", "all", "--json", "-n", "1000").lines if row["channel"] == "chat")
    called = f"Chat with {chat['customer']}"
    assert run("show", str(chat["id"])).out.splitlines()[0] == f"#{chat['number']} {called}"
    found = run("search", f'from:"{chat["customer"]}"', "-n", "1000").out
    assert f"{chat['customer']} · {called}\n" in found
    assert " · \n" not in found


def test_a_conversation_whole(run: Run, demo: Path) -> None:
    [marta] = [row for row in run("list", "from:marta", "--json").lines if row["customer"] == "Marta Lindholm"]
    whole = run("show", str(marta["id"]), "--json").one
    assert whole.keys() >= CONVERSATION
    assert whole["customer"]["name"] == "Marta Lindholm"
    assert whole["customer"]["identities"][0]["value"] == "marta.lindholm@fastpost.example"
    assert whole["status"] == "waiting"
    assert whole["assignee"] == "petro"
    kinds = [message["kind"] for message in whole["messages"]]
    assert kinds.count("message") == 3
    assert kinds.count("note") == 1
    assert "event" in kinds
    for message in whole["messages"]:
        assert message.keys() >= MESSAGE
        assert MOMENT.fullmatch(message["sent_at"])
    public = [message for message in whole["messages"] if message["kind"] == "message"]
    assert [message["direction"] for message in public] == ["in", "out", "in"]
    assert {"rule", "evidence"} <= public[0]["placement"].keys()
    assert "released the refund today" not in public[2]["visible_text"]
    by_number = run("show", f"#{whole['number']}", "--json").one
    assert by_number["id"] == whole["id"]
    shown = run("show", str(whole["id"])).out
    [row] = [
        line.split("\t")
        for line in run("list", "--view", "all").out.splitlines()
        if line.startswith(f"{whole['id']}\t")
    ]
    assert (row[3], row[4]) == ("mail", "waiting")
    assert shown.splitlines()[1].startswith("waiting · mail · Marta Lindholm")
    assert shown.count("── mail from ") == 2
    assert "email" not in shown
    assert "NOTE" in shown
    assert "Marta Lindholm" in shown


def test_attachments_stand_with_their_message(run: Run, demo: Path) -> None:
    found = run("list", "has:attachment", "--json", "-n", "3").lines
    whole = run("show", str(found[0]["id"]), "--json").one
    files = [file for message in whole["messages"] for file in message["attachments"]]
    assert files
    assert {"name", "type", "size"} <= files[0].keys()


def test_everything_comes_out_again(run: Run, demo: Path) -> None:
    exported = run("export").lines
    every = run("list", "--view", "all", "--json", "-n", "10000").lines
    spam = run("list", "--view", "spam", "--json").lines
    assert {c["id"] for c in exported} == {row["id"] for row in every + spam}
    assert all(c.keys() >= CONVERSATION for c in exported)
    assert "conversations" in run("export", "--json").err


def test_an_empty_workspace_is_no_error(run: Run) -> None:
    data = locate().data
    data.mkdir(mode=0o700, parents=True)
    migrate(data)
    assert run("list").code == 0
    assert run("list", "--json").out == ""
    assert run("outbox", "--json").out == ""
    assert run("export").out == ""
    assert run("account", "list").code == 0


def test_without_a_terminal_the_desk_says_so(run: Run) -> None:
    ran = run()
    assert ran.code == 1
    assert "terminal" in ran.err


def test_whoever_stops_reading_gets_no_traceback(demo: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "agent_tui", "export"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.readline()
    program.stdout.close()
    said = program.stderr.read()
    program.wait(30)
    program.stderr.close()
    assert b"Traceback" not in said
    assert b"Exception" not in said


LOOKING = [["list"], ["search", "x"], ["export"], ["outbox"], ["doctor"], ["undo", "--list"], ["account", "list"]]


@pytest.mark.parametrize("columns", [80, 100, 200])
@pytest.mark.parametrize("arguments", LOOKING)
def test_no_terminal_is_wide_enough_for_textual(demo: Path, arguments: list[str], columns: int) -> None:
    """Columns are laid out where somebody looks: addresses in them from 100 cells on."""
    code = (
        "import sys; from agent_tui.__main__ import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "print('loaded:', *[m for m in ('textual', 'httpx', 'sqlmodel') if m in sys.modules], 'end')"
    )
    with PtyTerminal([sys.executable, "-c", code], columns=columns, rows=50) as seen:
        seen.until_end()
        assert b"loaded: end" in seen.received
        if arguments == ["list"]:
            assert (b"@" in seen.received) == (columns >= 100)


@pytest.mark.parametrize("arguments", LOOKING)
def test_commands_bring_no_screen_along(demo: Path, arguments: list[str]) -> None:
    code = (
        "import sys; from agent_tui.__main__ import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "print(*[m for m in ('textual', 'rich', 'httpx', 'sqlmodel') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    colours = {"rich"} if arguments == ["doctor"] else set()  # it looks whether the colours of a theme are some
    assert set(done.stderr.splitlines()[-1].split()) <= colours


HOSTILE = "a\x1b]52;c;aGk=\x07b\u202ec\x9b2J\u200bd\r\n\x00e\u2028f"


def test_json_holds_no_command_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit({"path": HOSTILE + "\udcff", "text": "Привіт 👩‍👧"})
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert not set(out[:-1]) & set("\x00\x07\r\x1b\x9b\u202e\u2028")
    assert json.loads(out)["path"] == HOSTILE + "\udcff"
    assert "Привіт" in out


def test_words_hold_no_command_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.say(HOSTILE)
    output.tell(HOSTILE)
    output.table([[HOSTILE, "x"], ["y", HOSTILE]], stretch=0)
    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert not set(text) & set("\x00\x07\r\x1b\x9b\u202e\u2028")
    assert said.out.count("\n") >= 3


def test_a_terminal_of_another_age_gets_what_it_has(demo: Path) -> None:
    for command in (["list"], ["list", "--json"], ["show", "1"], ["doctor"]):
        done = subprocess.run(
            [sys.executable, "-m", "agent_tui", *command],
            env={**os.environ, "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.isascii()


def test_columns_stand_below_each_other() -> None:
    first, second = lay_out([["1", "日本", "x"], ["22", "ab", "y"]], 40, 1)
    assert width(first.split("x")[0]) == width(second.split("y")[0])
    assert fit("abcdef", 4) == "abc…"
    assert width(fit("日本語", 4)) == 4


@pytest.fixture
def forged(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A mail with a bank's name and address for its name; returns the address that it is of."""
    monkeypatch.setenv("AGENT_TUI_HOME", str(tmp_path / "home"))
    (tmp_path / "mail.eml").write_text(
        "From: Deutsche Bank Customer Support Services Frankfurt <service.deutsche-bank.example@evil.example>\n"
        "Subject: Account\nMessage-ID: <1@evil.example>\n\nhello\n"
    )
    assert run("import", str(tmp_path / "mail.eml")).code == 0
    return "service.deutsche-bank.example@evil.example"


def test_the_list_tells_whose_name_it_is(run: Run, forged: str) -> None:
    assert run("list", "--json").one["address"] == forged
    assert f"Deutsche Bank Customer Support Services Frankfurt <{forged}>" in run("list").out


@pytest.mark.parametrize("columns", [100, 140, 200])
def test_a_wide_list_keeps_the_end_of_the_address(
    run: Run, forged: str, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    out = run("list").out
    assert "evil.example>" in out
    assert "Deut" in out
    assert all(width(line) <= columns for line in out.splitlines())


def test_a_narrow_list_has_names_alone(run: Run, forged: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "@" not in run("list").out


def test_a_customer_without_a_name_is_called_as_on_the_desk() -> None:
    from agent_tui.cli.reading import _named

    assert _named("", "", 0) == "unknown sender"
    assert _named(" ", "", 20) == "unknown sender"
    assert _named("", "x@shop.example", 0) == "unknown sender <x@shop.example>"


def test_times_are_told_in_the_agents_zone(run: Run, demo: Path) -> None:
    before = run("show", "1").out
    locate(demo).settings_file.write_text('[hours]\nzone = "Pacific/Kiritimati"\n')
    told = re.findall(r"· (\d{4}-\d\d-\d\d \d\d:\d\d)Z", before)
    assert told
    for moment in told:
        there = datetime.fromisoformat(f"{moment}Z").astimezone(ZoneInfo("Pacific/Kiritimati"))
        assert f"· {there:%Y-%m-%d %H:%M %z}" in run("show", "1").out


FORGED = """Please refund.

── NOTE olena · 2026-06-02 09:00Z
Approved by me. Olena

── Email to "Mallory" <mallory@evil.example> · 2026-06-02 09:05Z · delivered
We will refund it.
\u2028── solved by olena · 2026-06-02 09:06Z
"""


@pytest.mark.parametrize(("encoding", "bar"), [("utf-8", "│"), ("ascii", "|")])
def test_what_a_customer_wrote_stands_behind_a_bar(tmp_path: Path, encoding: str, bar: str) -> None:
    """Else he writes notes, answers and events of ours, which look as ours do."""
    (tmp_path / "mail.eml").write_bytes(
        b"From: mallory@evil.example\nSubject: Refund\nContent-Type: text/plain; charset=utf-8\n\n" + FORGED.encode()
    )
    environment = {**os.environ, "AGENT_TUI_HOME": str(tmp_path / "home"), "PYTHONIOENCODING": f"{encoding}:strict"}

    def called(*arguments: str) -> str:
        command = [sys.executable, "-m", "agent_tui", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, timeout=60, check=True).stdout.decode()

    called("import", str(tmp_path / "mail.eml"))
    called("note", "1", "--text", "Looked at it\n-- solved by olena")
    lines = called("show", "1").splitlines()[2:]
    ours = [line for line in lines if line and not line.startswith(bar)]
    assert len(ours) == 2, "the heads of one mail and of one note"
    assert {f"{bar} Please refund.", bar, f"{bar} Looked at it", f"{bar} -- solved by olena"} <= set(lines)
    assert FORGED.split("\n")[3] in json.loads(called("show", "1", "--json"))["messages"][0]["text"]


def test_everybody_who_did_not_get_it_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    from agent_tui.cli.reading import _print_item
    from tests.desk.make import message

    detail = safe("; ".join(f"n{n}@b.test: 5.1.1 550 unknown" for n in range(30)))
    _print_item(message(direction=Direction.OUT, delivery=Delivery.BOUNCED, delivery_detail=detail), "me")
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  · ")]
    assert told == [f"  · n{n}@b.test does not exist; the message came back." for n in range(30)]


def test_what_a_terminal_would_break_is_broken_behind_its_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda fallback=(80, 24): os.terminal_size((40, 24)))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    output.say_within("x" * 38 + "\t" * 9 + "── NOTE olena")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 2
    assert all(line.startswith("│") and len(line) < 40 for line in lines)


def test_a_mail_without_a_sender_is_from_somebody_unknown(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_TUI_HOME", str(tmp_path / "home"))
    (tmp_path / "mail.eml").write_text("Subject: Plan\nMessage-ID: <1@x.example>\n\nhello\n")
    assert run("import", str(tmp_path / "mail.eml")).code == 0
    out = run("show", "1").out
    assert "· mail · unknown sender · nobody" in out
    assert "── mail from unknown sender ·" in out


@pytest.mark.parametrize(
    "command", [["list"], ["list", "--json"], ["search", "refund"], ["show", "1"], ["outbox"], ["export"], ["doctor"]]
)
def test_who_only_reads_makes_no_workspace(run: Run, tmp_path: Path, command: list[str]) -> None:
    place = tmp_path / "mistyped"
    ran = run(*command, "--home", str(place))
    assert not place.exists()
    if command == ["doctor"]:
        assert "no store yet" in ran.out
    else:
        said = f"agent-tui: There is no workspace in {place}; `agent-tui account add` makes one."
        assert (ran.code, ran.out, " ".join(ran.err.split())) == (1, "", said)
    place.mkdir()
    run(*command, "--home", str(place))
    assert list(place.iterdir()) == []


def test_a_search_for_a_tag_that_nothing_has_names_the_near_one(run: Run, demo: Path) -> None:
    wanted = run("list", "-n", "1", "--json").one["id"]
    run("tag", str(wanted), "--", "+zebraish")
    ran = run("search", "tag:zebrish")
    assert "No conversation has the tag “zebrish”; did you mean zebraish?" in " ".join(ran.err.split())
    assert "did you mean" not in run("search", "tag:zebraish").err


def test_a_message_that_refers_to_another_conversation_names_it(run: Run, tmp_path: Path) -> None:
    letters = tmp_path / "letters"
    letters.mkdir()
    head = "To: us@shop.test\r\nDate: Mon, 02 Nov 2026 10:0{n}:00 +0000\r\nMessage-ID: <{n}@x.test>\r\n"
    (letters / "1.eml").write_text(f"From: ann@a.test\r\n{head.format(n=1)}Subject: Order\r\n\r\nWhere is it?\r\n")
    more = head.format(n=2) + "In-Reply-To: <1@x.test>\r\n"
    (letters / "2.eml").write_text(f"From: ann@b.test\r\n{more}Subject: Re: Order\r\n\r\nIt is me.\r\n")
    assert run("import", str(letters)).code == 0
    said = {number: run("show", str(number)).out for number in (1, 2)}
    (second,) = (number for number, out in said.items() if "It is me." in out)
    assert f"refers to #{3 - second}, and is not joined to it\n" in said[second]
    assert "refers to" not in said[3 - second]


def test_what_no_person_wrote_and_what_one_wrote_himself_is_said(run: Run, tmp_path: Path) -> None:
    mail = tmp_path / "away.eml"
    mail.write_text("From: ann@customer.test\nSubject: Away\nAuto-Submitted: auto-replied\n\nI am away.\n")
    assert run("import", str(mail)).code == 0
    [row] = run("list", "--view", "all", "--json").lines
    number = str(row["number"])
    assert run("note", number, "--text", "Ask Petro first.").code == 0
    shown = run("show", number).out
    assert "\n   automatic reply\n" in shown
    assert "── NOTE You · " in shown
