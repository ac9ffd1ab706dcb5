"""A line that tells of trouble: a server's words give way, what to do stands."""

from __future__ import annotations

from agent_tui import ages
from agent_tui.domain.account import AccountHealth, Fault, Health
from agent_tui.domain.times import MINUTE, SECOND, Micros
from agent_tui.widgets.trouble_lines import Trouble, troubles

WORDS = "550 5.4.4 <ann@gone.example>: Recipient address rejected: no route: " + "there is no such host " * 4
REFUSED = f"1 message was not sent. The server takes no mail for ann@gone.example: {WORDS.strip()}."


def test_what_to_do_stands_and_the_servers_words_give_way() -> None:
    told = Trouble("!", "late", "", REFUSED, "g x shows the outbox.", WORDS.strip())
    lines = told.lines(76, 2)
    assert len(lines) == 2
    shown = " ".join(lines)
    assert shown.endswith("g x shows the outbox.")
    assert shown.startswith("1 message was not sent. The server takes no mail for ann@gone.example: 550 5.4.4")
    assert told.lines(300, 2) == [f"{REFUSED} g x shows the outbox."]


def test_without_words_of_a_server_it_is_the_text_that_gives_way() -> None:
    lines = Trouble("half", "due", "mail", "No connection. " * 20, "Since 14:20. Next try 14:34 (ctrl+r now).").lines(
        60, 2
    )
    assert len(lines) == 3, "our own words take a line more before they are cut"
    assert " ".join(lines).endswith("Since 14:20. Next try 14:34 (ctrl+r now).")


def test_it_is_tried_now_when_it_is_due_and_not_before() -> None:
    present = Micros(1_795_192_080_000_000 // MINUTE * MINUTE)
    assert ages.next_try(Micros(present + 50 * SECOND), present) == "within a minute"
    assert ages.next_try(present, present) == "now"
    assert ages.next_try(Micros(present - MINUTE), present) == "now"
    assert ages.next_try(Micros(present + MINUTE), present) == ages.moment(Micros(present + MINUTE), present)


def test_an_outage_is_told_while_it_is_tried_again() -> None:
    present, lost = Micros(1_795_192_080_000_000), Fault("unreachable", {"host": "mx.test", "reason": "timeout"})
    (told,) = troubles([AccountHealth("mail", Health.CONNECTING, present, lost)], [], present)
    assert told.text == "No connection to mx.test: it does not answer."
    assert told.todo.endswith("It is tried now.")
    assert troubles([AccountHealth("mail", Health.CONNECTING, present)], [], present) == ()
