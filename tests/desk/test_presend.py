"""One table for each rule: what it catches, and what it leaves in peace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent_tui.content.parsed import UnreadableMail
from agent_tui.content.safe import safe
from agent_tui.desk import presend
from agent_tui.desk.circle import Circle
from agent_tui.desk.presend import Finding, Severity, Situation
from agent_tui.domain.conversation import Status, TwinLetter
from agent_tui.domain.message import Automatic, Direction, Person
from agent_tui.domain.outbox import DraftFile, DraftKind
from agent_tui.domain.times import SECOND, Micros
from tests.desk.make import OLENA, OWN, SUPPORT, at, draft, message, note, who

MARIA = who("maria@partner.example", "Maria")


CIRCLE = ("customer", "partners", "sure", "taking_part", "only_in_doubt")


def situation(text: str = "Hello Olena, it left today.", **changes: Any) -> Situation:
    of_draft = {
        key: changes.pop(key) for key in list(changes) if key in ("to", "cc", "bcc", "kind", "files", "subject")
    }
    of_circle = {key: changes.pop(key) for key in list(changes) if key in CIRCLE}
    base = Situation(
        draft=draft(text, **of_draft),
        status=Status.OPEN,
        newer=(),
        proposed=(OLENA,),
        last_people=frozenset({"olena.k@example.com", "support@aurora.example"}),
        known=frozenset({"olena.k@example.com"}),
        own=OWN,
        agent="me",
        circle=Circle(**of_circle),
    )
    return replace(base, **changes)


def codes(now: Situation) -> list[str]:
    return [finding.code for finding in presend.check(now)]


def test_an_ordinary_answer_passes() -> None:
    assert codes(situation()) == []


def test_what_another_program_answered_is_told_before_it_is_answered_twice() -> None:
    assert codes(situation(answered_elsewhere=True)) == ["answered_elsewhere"]
    assert codes(situation(answered_elsewhere=True, kind=DraftKind.FORWARD)) == []


def test_a_letter_that_is_answered_elsewhere_too_is_told_of() -> None:
    from agent_tui.cli.wording import finding_in_words
    from agent_tui.screens.presend import words

    noon = at("2026-11-20T12:00:00+00:00")
    here = (
        TwinLetter(7, answered=True, answered_at=Micros(noon - 5 * SECOND), begun=True),
        TwinLetter(8, answered=True, answered_at=None, begun=False),
        TwinLetter(9, answered=False, answered_at=None, begun=True),
        TwinLetter(10, answered=False, answered_at=None, begun=False),
    )
    found = presend.check(situation(twins=here))
    assert {finding.severity for finding in found} == {Severity.WARN}
    said = [words(finding, noon) for finding in found]
    assert said == [
        "What seems to be the same letter was answered 5 s ago in #7",
        "What seems to be the same letter was answered in #8",
        "What seems to be the same letter is being answered in #9",
    ]
    assert [finding_in_words(finding) for finding in found] == [said[0].replace(" 5 s ago", ""), *said[1:]]
    assert codes(situation(twins=here, kind=DraftKind.FORWARD)) == []


def test_no_recipient_stops() -> None:
    assert presend.check(situation(to=()))[0].severity is Severity.STOP


@pytest.mark.parametrize("text", ["", " \n ", "\n\n-- \nDana", "\n\nOn Monday, Olena wrote:\n> hello"])
def test_nothing_said_stops(text: str) -> None:
    assert codes(situation(text)) == ["empty"]


def test_a_forward_and_a_file_need_no_words() -> None:
    file = DraftFile(safe("a.pdf"), safe("application/pdf"), 3, "0" * 64)
    assert "empty" not in codes(situation("", files=(file,)))
    assert "empty" not in codes(situation("", kind=DraftKind.FORWARD))


def test_newer_message_of_the_customer() -> None:
    found = presend.check(situation(newer=[message(order=1_001), message(order=1_002)]))
    assert [f.code for f in found] == ["newer_message"]
    assert (found[0].fix, found[0].get("count"), found[0].get("name")) == ("read", "2", "Olena K.")
    assert codes(situation(newer=[message(order=1_001, automatic=Automatic.REPORT)])) == []


def test_another_agent_answered() -> None:
    answered = message(order=1_001, direction=Direction.OUT, author=who("support@aurora.example", "Dana"))
    assert codes(situation(newer=[answered])) == ["other_answered"]
    assert codes(situation(newer=[note(1_001)])) == ["new_note"]
    assert codes(situation(newer=[note(1_001, "Me")])) == []


def test_somebody_gets_this_for_the_first_time() -> None:
    found = presend.check(situation(cc=(MARIA,)))
    assert [(f.code, f.fix, f.people) for f in found] == [("first_time", "drop", ("maria@partner.example",))]
    seen = situation(cc=(MARIA,), known=frozenset({"maria@partner.example"}))
    assert [(f.code, f.severity) for f in presend.check(seen)] == [("not_in_last", Severity.NOTICE)]
    assert codes(situation(cc=(SUPPORT,))) == []
    assert codes(situation(to=(MARIA,), kind=DraftKind.NEW)) == []


def test_many_whom_only_the_customer_named_are_counted() -> None:
    crowd = tuple(who(f"x{n}@evil.example") for n in range(5))
    named = frozenset(str(one.address) for one in crowd)
    now = situation(cc=crowd, proposed=(OLENA, *crowd), kind=DraftKind.REPLY_ALL)
    (found,) = presend.check(now)
    assert (found.code, found.severity, found.fix) == ("many_new", Severity.WARN, "people")
    assert (found.get("count"), found.get("all"), found.people) == ("5", "6", tuple(one.address for one in crowd))
    assert codes(replace(now, known=named)) == []
    assert codes(situation(cc=crowd[:2], proposed=(OLENA, *crowd), kind=DraftKind.REPLY_ALL)) == []
    assert codes(situation(to=crowd, kind=DraftKind.NEW)) == [], "the agent typed them"
    from agent_tui.cli.wording import finding_in_words

    assert finding_in_words(found).startswith("5 of the 6 who get it are new here: x0@evil.example, x1@")


EVE = who("eve@evil.example", "Olena K.")
IHOR = who("ihor@other.example", "Ihor")


def answered(person: Person, **changes: Any) -> Situation:
    """An answer to somebody who wrote in Olena's conversation."""
    key = str(person.address)
    base: dict[str, Any] = {
        "to": (person,),
        "proposed": (person,),
        "last_people": frozenset({key, "support@aurora.example"}),
        "known": frozenset({"olena.k@example.com", key}),
        "partners": frozenset({"olena.k@example.com"}),
        "customer": "olena.k@example.com",
        "met": (OLENA, person),
    }
    return situation(**{**base, **changes})


@pytest.mark.parametrize(
    ("kind", "told"), [(DraftKind.NEW, True), (DraftKind.REPLY, False), (DraftKind.FORWARD, False)]
)
@pytest.mark.parametrize("subject", ["[EXTERNAL] Order 5", "RE: [order] late", "{{name}} offer"])
def test_a_subject_of_others_holds_no_placeholder(kind: DraftKind, told: bool, subject: str) -> None:
    assert ("placeholder" in codes(situation(kind=kind, subject=safe(subject)))) is told


def test_who_answers_all_is_told_that_not_all_are_known() -> None:
    assert codes(situation(kind=DraftKind.REPLY_ALL, recipients_cut=True)) == ["recipients_cut"]
    assert codes(situation(kind=DraftKind.REPLY, recipients_cut=True)) == []


def test_what_stands_in_an_address_is_never_filled_in() -> None:
    from agent_tui.screens.presend import words

    address = "vic{age}{people}{address}@partner.example"
    said = words(
        Finding("reply_to_differs", Severity.WARN, (("address", address), ("at", "5")), "recipients"),
        Micros(5 * SECOND),
    )
    assert said == f"The answer goes to {address}, not to where it came from"


def test_who_bears_the_customers_name_and_is_not_he() -> None:
    (found,) = presend.check(answered(EVE))
    assert (found.code, found.severity, found.fix) == ("namesake", Severity.WARN, "recipients")
    assert [found.get(name) for name in ("address", "name", "other")] == [
        "eve@evil.example", "Olena K.", "olena.k@example.com",
    ]  # fmt: skip
    from agent_tui.cli.wording import finding_in_words
    from agent_tui.screens.presend import words

    said = "eve@evil.example bears the name of olena.k@example.com: Olena K."
    assert words(found, at("2026-11-20T12:00:00+00:00")) == finding_in_words(found) == said


@pytest.mark.parametrize("name", ["olena k", "K., Olena", "OLENA  K."])
def test_a_name_is_the_same_in_another_order_and_case(name: str) -> None:
    assert codes(answered(who("eve@evil.example", name))) == ["namesake"]


def test_who_stands_in_a_conversation_that_is_anothers() -> None:
    (found,) = presend.check(answered(IHOR))
    assert (found.code, found.severity, found.get("customer")) == (
        "somebody_else", Severity.WARN, "olena.k@example.com",
    )  # fmt: skip
    from agent_tui.cli.wording import finding_in_words
    from agent_tui.screens.presend import words

    said = "ihor@other.example is not whom this conversation is with: olena.k@example.com"
    assert words(found, at("2026-11-20T12:00:00+00:00")) == finding_in_words(found) == said
    gmail = who("olena.k@gmail.com", "Olena K.")
    other = who("ihor@gmail.com", "Ihor")
    everybodys = answered(other, partners=frozenset({"olena.k@gmail.com"}), met=(gmail, other))
    assert codes(everybodys) == ["somebody_else"], "of a domain that says nothing"


@pytest.mark.parametrize(
    ("person", "changes"),
    [
        (OLENA, {}),
        (who("olena@home.example", "Olena K."), {"sure": frozenset({OLENA.address, "olena@home.example"})}),
        (who("ihor@example.com", "Ihor"), {}),
        (EVE, {"elsewhere": frozenset({"eve@evil.example"}), "met": (OLENA,)}),
        (IHOR, {"partners": frozenset({OLENA.address, "ihor@other.example"})}),
        (EVE, {"partners": frozenset()}),
        (EVE, {"kind": DraftKind.NEW}),
        (EVE, {"mail": False}),
    ],
    ids=["customer", "known second address", "same house", "reply-to", "written to", "unknown", "new", "chat"],
)
def test_ordinary_answers_are_to_nobody_else(person: Person, changes: dict[str, Any]) -> None:
    assert not {"namesake", "somebody_else"} & set(codes(answered(person, **changes)))


def test_whom_only_a_message_in_doubt_names_is_asked_about() -> None:
    doubted: dict[str, Any] = {"cc": (MARIA,), "proposed": (OLENA, MARIA), "only_in_doubt": frozenset({MARIA.address})}
    (found,) = presend.check(situation(**doubted, kind=DraftKind.REPLY_ALL))
    assert (found.code, found.severity, found.people) == ("only_in_doubt", Severity.WARN, (MARIA.address,))
    from agent_tui.cli.wording import finding_in_words
    from agent_tui.screens.presend import words

    said = "Nothing but a message that may be forged names maria@partner.example"
    assert words(found, at("2026-11-20T12:00:00+00:00")) == finding_in_words(found) == said
    assert codes(situation(**{**doubted, "cc": ()}, kind=DraftKind.REPLY_ALL)) == [], "she was taken out"
    assert "only_in_doubt" not in codes(situation(**doubted, kind=DraftKind.FORWARD)), "the agent chose her"
    elsewhere = frozenset({MARIA.address})
    assert "only_in_doubt" not in codes(situation(**doubted, elsewhere=elsewhere)), "told of as a Reply-To"


def test_the_customer_is_left_out() -> None:
    assert "customer_left_out" in codes(situation(to=(MARIA,), known=frozenset({"maria@partner.example"})))


def test_reply_to_elsewhere_is_told() -> None:
    elsewhere = frozenset({OLENA.address})
    (known,) = presend.check(situation(elsewhere=elsewhere, taking_part=elsewhere))
    assert (known.code, known.severity, known.get("address")) == (
        "reply_to_differs", Severity.NOTICE, "olena.k@example.com",
    )  # fmt: skip
    new = situation(to=(MARIA,), proposed=(MARIA,), elsewhere=frozenset({MARIA.address}))
    assert [(f.code, f.severity) for f in presend.check(new)] == [("reply_to_differs", Severity.WARN)]
    assert codes(situation(elsewhere=frozenset({MARIA.address}))) == [], "it was taken out"


@pytest.mark.parametrize(
    ("author", "wanted", "severity"),
    [
        ("maria@partner.example", "eve@evil.example", Severity.WARN),
        ("maria@partner.example", "help@partner.example", Severity.NOTICE),
        ("noreply@mail.partner.example", "help@partner.example", Severity.NOTICE),
        ("maria@partner.example", "help@partner.example.evil.example", Severity.WARN),
        ("maria@partner.example", "help@evilpartner.example", Severity.WARN),
        ("maria@partner.example", "maria@example", Severity.WARN),
        ("maria@gmail.com", "eve@gmail.com", Severity.WARN),
    ],
)
def test_reply_to_somebody_without_a_part_weighs_more_though_he_is_known(
    author: str, wanted: str, severity: Severity
) -> None:
    """Whoever once wrote a harmless mail would be sent another one's answers by a forged field."""
    him, key = (who(wanted),), frozenset({wanted})
    now = situation(to=him, proposed=him, known=key, elsewhere=key, taking_part=frozenset({author}))
    assert [(f.code, f.severity) for f in presend.check(now)] == [("reply_to_differs", severity)]


def test_all_are_named_whom_reply_to_brings_in() -> None:
    people = tuple(who(f"helper{n}@elsewhere.example") for n in range(9))
    (found,) = presend.check(
        situation(to=people, proposed=people, elsewhere=frozenset(str(person.address) for person in people))
    )
    assert found.get("address") == ", ".join(person.address for person in people)
    from agent_tui.screens.presend import words

    assert all(person.address in words(found, at("2026-11-20T12:00:00+00:00")) for person in people)


def test_a_hard_bounced_address() -> None:
    assert codes(situation(hard_bounced=frozenset({"olena.k@example.com"}))) == ["bounced_address"]


@pytest.mark.parametrize("status", [Status.CLOSED, Status.SPAM])
def test_finished_conversations(status: Status) -> None:
    assert codes(situation(status=status)) == [f"conversation_{status.value}"]


def test_solved_is_no_reason_to_ask() -> None:
    assert codes(situation(status=Status.SOLVED)) == []


def test_a_new_mail_without_subject() -> None:
    assert codes(situation(kind=DraftKind.NEW, subject=safe(" "))) == ["no_subject"]


@pytest.mark.parametrize(
    "text",
    [
        "Hello {{customer.name}},",
        "Hello {{ name }}",
        "Dear [name], thank you",
        "Вітаю, [ім’я]!",
        "Your reference is ___.",
        "Amount: _____ EUR",
        "Hi <<first name>>",
        "Hello ${name}",
        "It costs XXX euros",
        "TODO check the date",
        "Hello %%NAME%%",
    ],
)
def test_placeholders(text: str) -> None:
    assert codes(situation(text)) == ["placeholder"]


@pytest.mark.parametrize(
    "text",
    [
        "See [1] and [2] for the rules.",
        "He wrote 'teh [sic] parcel'.",
        "Use snake_case and __init__ there.",
        "a[0] is the first, b[i] = c",
        "see [the guide](https://aurora.example/guide)",
        "One line\n____________________\nAnother",
        "array[index] works",
        "That is 3 < 4 and << is a shift",
        "Hello Olena,\n\nOn Monday, Olena wrote:\n> Dear [name], {{x}} ___",
        "Price {see the list}",
        "[image: logo] is missing",
        "Our shop [www.aurora.example] is open",
        "Above\n_____\nBelow",
    ],
)
def test_no_placeholders(text: str) -> None:
    assert codes(situation(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Please find attached the invoice.",
        "I have attached the invoice.",
        "I attach the form.",
        "The invoice is attached.",
        "See the attachment for details.",
        "See attachment.",
        "Please see attachment for the details.",
        "The invoice is in the attachment.",
        "In the attachment you will find the invoice.",
        "Please find the attachments below.",
        "Siehe Anhang.",
        "Die Rechnung: s. Anhang.",
        "Voir pièce jointe.",
        "Voir la pièce jointe.",
        "La facture est dans la pièce jointe.",
        "Ver adjunto.",
        "Véase el archivo adjunto.",
        "La fattura è in allegato.",
        "Vedi allegato.",
        "Zobacz załącznik.",
        "Faktura w załączniku.",
        "A fatura segue em anexo.",
        "Ver anexo.",
        "Див вкладення.",
        "См вложение.",
        "Смотри вложение.",
        "Рахунок у вкладенні.",
        "Прикріпила рахунок до листа.",
        "Надсилаю рахунок за листопад.",
        "Счёт во вложении.",
        "Прикладываю скан договора.",
        "З вкладенням рахунок.",
        "Надсилаю з вкладенням.",
        "Вкладення додаю.",
        "Додаток до листа: рахунок.",
        "Рахунок у додатку.",
        "Рахунок у прикріпленому файлі.",
        "Прикріплюю скан.",
        "Додаю рахунок до листа.",
        "Додала скан договору.",
        "Додаю накладну.",
        "Надсилаю вам рахунок.",
        "Скан додається.",
        "Рахунок додано.",
        "Див. вкладення.",
        "Дивіться у вкладенні накладну.",
        "Файл у прикріпленні.",
        "Висилаю договір.",
        "Долучила фото.",
        "Вклав акт.",
        "До листа додано акт.",
        "Во вложение добавил счёт.",
        "Счет в приложении к письму.",
        "Прикрепляю счёт.",
        "Прикрепил счёт.",
        "Прикрепила счёт.",
        "Приложил акт.",
        "Приложила акт.",
        "Прилагаю акт.",
        "Счёт прилагается.",
        "Документы прилагаются.",
        "Прикреплённый файл содержит счёт.",
        "Счёт прикреплён.",
        "Счёт приложен.",
        "Приложенный файл.",
        "Высылаю вам счёт.",
        "Отправляю счёт.",
        "См. вложение.",
        "Смотрите вложение.",
        "В прикреплённом файле счёт.",
        "Вкладываю акт.",
        "Во вложенном файле счёт.",
        "Файл вложен.",
        "Anbei die Rechnung.",
        "Die Rechnung finden Sie im Anhang.",
        "Vous trouverez la facture en pièce jointe.",
        "Ci-joint la facture.",
        "Adjunto la factura.",
        "W załączniku przesyłam fakturę.",
        "In allegato la fattura.",
        "Segue anexo o comprovante.",
    ],
)
def test_a_promised_file(text: str) -> None:
    assert codes(situation(text)) == ["no_attachment"]
    file = DraftFile(safe("a.pdf"), safe("application/pdf"), 3, "0" * 64)
    assert codes(situation(text, files=(file,))) == []


@pytest.mark.parametrize(
    "text",
    [
        "The file you attached cannot be opened.",
        "Could you send the invoice as an attachment?",
        "Nothing was attached to your mail, not even the photo.",
        "We could not open the attachment, it was not attached.",
        "I did not find the attached file.",
        "We are attached to our customers.",
        "Ваш файл у вкладенні не відкривається?",
        "Das Paket ist angekommen.",
        "La pieza es nueva.",
        "Your refund left today.",
        "Can you see the attachment?",
        "In the attachment you sent, the number is missing.",
        "We cannot see the attachment.",
        "I couldn't find the attachment.",
        "Please send it as a PDF attachment.",
        "У вкладенні, яке ви надіслали, немає номера.",
        "Прошу додати фото до листа.",
        "Ми не отримали вкладення.",
        "Дякуємо за вкладені зусилля.",
        "Вкладення коштів неможливе.",
        "Докладіть зусиль.",
        "Ваші вкладення отримали.",
        "Файл, який ви прикріпили, порожній.",
        "Прикріпіть, будь ласка, фото.",
        "Надішліть фото у вкладенні.",
        "Пришлите фото во вложении.",
        "Приложите чек, пожалуйста.",
        "Прикрепите фото, пожалуйста.",
        "В приложении Privat24 нажмите кнопку.",
        "Обновите приложение.",
        "Установите приложение на телефон.",
        "У додатку натисніть кнопку.",
        "Оновіть додаток.",
        "Додали товар до кошика.",
        "Додаю вас до списку.",
        "Додали ваш рахунок до системи.",
        "Мы не видим вложения.",
        "Файл, который вы приложили, пуст.",
        "Во вложении ничего не было.",
        "Вложения на сумму 100 грн вернули.",
        "Отправляю заказ завтра.",
        "Надсилаю посилку завтра.",
        "Приложили все усилия.",
        "Не прикладаю файл.",
        "Мы прикладываем все усилия.",
        "К сожалению, во вложении пусто?",
        "Ваш запит прикріплено до замовлення.",
        "Менеджер закріплений за вами.",
        "Гроші додано на рахунок.",
        "Ваше письмо с вложением получили.",
        "Дякуємо за лист із вкладенням.",
        "Спасибо за письмо с вложением.",
        "Рахунок уже є.\n\nпн, 23 лист. 2026 р. Олена пише:\n> рахунок у вкладенні",
        "Дякуємо за звернення.",
        "Спасибо за письмо, деньги вернулись.",
        "Thanks.\n\nOn Monday, Olena wrote:\n> please find attached my photo",
    ],
)
def test_no_file_was_promised(text: str) -> None:
    assert codes(situation(text)) == []


@pytest.mark.parametrize(
    "text",
    ["Card 4111 1111 1111 1111 was used", "4111111111111111", "5500-0000-0000-0004 please", "Amex 3782 822463 10005"],
)
def test_card_numbers(text: str) -> None:
    found = presend.check(situation(text))
    assert [f.code for f in found] == ["card_number"]
    assert "4111 1111" not in found[0].get("text")


@pytest.mark.parametrize(
    "text",
    [
        "Card ending in 1111",
        "4111 1111 1111 1112 has a wrong check digit",
        "Order 20261120120000123 left",
        "Call +380 67 123 45 67 or 0044 20 7946 0958 12",
        "IBAN UA213223130000026007233566001",
        "Tracking 00340434161094042557",
        "4444 4444 4444 4444 4444 4444",
        "https://pay.example/i/4111111111111111",
    ],
)
def test_no_card_numbers(text: str) -> None:
    assert codes(situation(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Your password is hunter2x!",
        "password: Tr0ub4dor",
        "Пароль: Kyiv2026",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "use AKIAIOSFODNN7EXAMPLE",
        "token ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    ],
)
def test_secrets(text: str) -> None:
    assert codes(situation(text)) == ["secret"]


@pytest.mark.parametrize(
    "text",
    [
        "You can reset your password here: https://aurora.example/reset?x=1",
        "Your password is temporary.",
        "Please change the password regularly.",
        "Забули пароль? Натисніть посилання.",
        "We never ask for your password by mail.",
        "The password must be 8-20 characters.",
        "password-protected",
        "Password reset: done",
    ],
)
def test_no_secrets(text: str) -> None:
    assert codes(situation(text)) == []


def test_the_heaviest_comes_first() -> None:
    elsewhere = frozenset({OLENA.address})
    assert codes(situation("", to=(OLENA, MARIA), elsewhere=elsewhere)) == ["empty", "first_time", "reply_to_differs"]


@pytest.mark.corpus
def test_real_mail_raises_few_false_alarms(corpus: Path) -> None:
    """What people wrote themselves, in hundreds of mails that were not made for these rules."""
    from agent_tui.content.mail import read_mail

    looked, alarms = 0, []
    for path in sorted(corpus.rglob("*.eml")):
        try:
            mail = read_mail(path.read_bytes())
        except UnreadableMail:
            continue
        gaps = [*mail.quoted, *([mail.signature] if mail.signature else [])]
        text = str(mail.text)
        for gap in sorted(gaps, key=lambda span: -span.start):
            text = text[: gap.start] + text[gap.end :]
        if not text.strip() or mail.files or mail.report:
            continue
        looked += 1
        found = {f.code for f in presend.check(situation(text[:20_000]))}
        alarms += [(path.name, code) for code in found & {"no_attachment", "card_number", "secret"}]
    assert looked > 50
    assert len(alarms) <= looked // 50, alarms
