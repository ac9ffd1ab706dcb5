"""Words folded and stemmed: which forms of a word find each other, measured on lists."""

from __future__ import annotations

from itertools import combinations

import pytest

from agent_tui.store.search.fold import spans, words
from agent_tui.store.search.stem import stems

UKRAINIAN = """
замовлення замовлень замовленню замовленням замовленні замовленнями замовленнях
повернення повернень поверненню поверненням поверненні поверненнями поверненнях
рахунок рахунка рахунку рахунком рахунки рахунків рахунками рахунках
оплата оплати оплаті оплату оплатою оплат оплатами
доставка доставки доставці доставку доставкою доставок доставками
картка картки картці картку карткою карток картками картках
пароль пароля паролю паролем паролі паролів паролями паролях
посилка посилки посилці посилку посилкою посилок посилками
адреса адреси адресі адресу адресою адрес адресами адресах
питання питанню питанням питанні питань питаннями питаннях
відповідь відповіді відповіддю відповідей відповідям відповідями
помилка помилки помилці помилку помилкою помилок помилками
гроші грошей грошам грошима грошах
клієнт клієнта клієнту клієнтом клієнти клієнтів клієнтам клієнтами
менеджер менеджера менеджеру менеджером менеджери менеджерів
магазин магазину магазином магазині магазини магазинів магазинах
договір договору договором договорі договори договорів
кредит кредиту кредитом кредиті кредити кредитів
банк банку банком банки банків банках
чек чека чеком чеки чеків
послуга послуги послузі послугу послугою послуг послугами
підписка підписки підписці підписку підпискою підписок
знижка знижки знижці знижку знижкою знижок
номер номера номеру номером номери номерів
телефон телефону телефоном телефони телефонів
лист листа листу листом листи листів
новий нова нове нові нового нової новому новою новим нових новими
сплачений сплачена сплачене сплачені сплаченого сплаченої сплаченому
пошкоджений пошкоджена пошкоджене пошкоджені пошкодженого пошкодженої
готовий готова готове готові готового готової готових
скасувати скасував скасувала скасували скасує скасують
отримати отримав отримала отримали отримаю
замовити замовив замовила замовили
надіслати надіслав надіслала надіслали
чекати чекаю чекаємо чекаєте чекав чекала чекали
платити платив платила платили платить
можливість можливості можливістю можливостей можливостям
вартість вартості вартістю вартостей
підтвердження підтвердженню підтвердженням підтвердженні підтверджень
об'єкт об'єкта об'єкту об'єктом об'єкти об'єктів
"""

RUSSIAN = """
заказ заказа заказу заказом заказы заказов заказам заказами заказах
возврат возврата возврату возвратом возвраты возвратов
посылка посылки посылке посылку посылкой посылками
доставка доставки доставке доставку доставкой
оплата оплаты оплате оплату оплатой
ошибка ошибки ошибке ошибку ошибкой ошибками
новый новая новое новые нового новой новому новым новых
"""

ENGLISH = """
order orders ordered ordering
refund refunds refunded refunding
delivery deliveries
payment payments
return returns returned returning
cancel cancels cancelled
"""

STRANGERS = """
замовник замовлення | карта карти карток картина | банк банан | лист листопад | рахунок рахівник | час чек | номер норма
новий новина | поле поліція | клієнт клієнтура | магазин магнат | оплата опалення | адреса адресат | кредит кредо
"""


def _pairs(listed: str) -> tuple[int, int, list[str]]:
    met, all_of_them, missed = 0, 0, []
    for line in listed.strip().splitlines():
        for one, other in combinations(words(line), 2):
            all_of_them += 1
            if set(stems(one)) & set(stems(other)):
                met += 1
            else:
                missed.append(f"{one}/{other}")
    return met, all_of_them, missed


def test_the_list_is_long_enough() -> None:
    assert len(set(UKRAINIAN.split())) >= 200


@pytest.mark.parametrize(
    ("listed", "share"), [(UKRAINIAN, 0.90), (RUSSIAN, 0.95), (ENGLISH, 1.0)], ids=["ukrainian", "russian", "english"]
)
def test_forms_of_a_word_find_each_other(listed: str, share: float) -> None:
    met, all_of_them, missed = _pairs(listed)
    print(f"{met} of {all_of_them} pairs, {met / all_of_them:.1%}")
    assert met / all_of_them >= share, missed


def test_different_words_stay_apart() -> None:
    together = []
    for group in STRANGERS.replace("|", "\n").strip().splitlines():
        found = words(group)
        together += [f"{a}/{b}" for a, b in combinations(found, 2) if set(stems(a)) & set(stems(b))]
    assert len(together) <= 5, together


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Повернення КОШТІВ", ["повернення", "коштів"]),
        ("ёлка Елка", ["елка", "елка"]),
        ("й і ї є и", ["й", "і", "ї", "є", "и"]),
        ("ґанок", ["ганок"]),
        ("об'єкт об’єкт обʼєкт обєкт", ["обєкт"] * 4),
        ("café CAFÉ cafe\u0301", ["cafe"] * 3),
        ("Straße łódź Ørsted", ["strasse", "lodz", "orsted"]),
        ("don't 'quoted' rock'n'roll", ["dont", "quoted", "rocknroll"]),
        ("ann.smith@example.com", ["ann", "smith", "example", "com"]),
        ("№ 12-345/б", ["12", "345", "б"]),
        ("返金 order", ["返", "金", "order"]),
        ("за\u0301мок", ["замок"]),
        ("\u0438\u0306од", ["йод"]),
        ("", []),
        ("… — !?", []),
        ("x" * 200, ["x" * 64]),
    ],
)
def test_folding(text: str, folded: list[str]) -> None:
    assert words(text) == folded
    assert [w for _, _, w in spans(text)] == folded


def test_places_point_into_the_text_as_it_is() -> None:
    text = "Café — об’єкт!"
    assert [text[a:b] for a, b, _ in spans(text)] == ["Café", "об’єкт"]
