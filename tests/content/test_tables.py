"""Tables in the text of a mail: what stood below one another does so on the screen."""

from __future__ import annotations

from agent_tui.content.html import html_text
from agent_tui.widgets.cells import width, wrap


def table(*rows: list[str]) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def test_columns_stand_below_one_another() -> None:
    text = html_text("<p>Order:</p>" + table(["Item", "Qty", "Price"], ["Boots", "2", "€ 40"], ["Hat", "11", ""])).text
    assert text.split("\n") == [
        "Order:",
        "",
        "Item  | Qty | Price",
        "Boots | 2   | € 40",
        "Hat   | 11",
    ]
    assert wrap(text, 40) == text.split("\n")  # and on the screen too


def test_they_do_so_in_every_script() -> None:
    lines = html_text(table(["Товар", "Шт.", "x"], ["日本語の靴", "2", "x"], ["é̂", "10", "x"])).text.split("\n")
    assert len({width(line[: line.rindex("|")]) for line in lines}) == 1
    assert len({width(line[: line.index("|")]) for line in lines}) == 1


def test_columns_without_anything_take_no_room() -> None:
    assert html_text(table(["a", "", "b"], ["cc", "", "d"])).text == "a  | b\ncc | d"
    assert html_text(table(["", "Sum"], ["x", "1"])).text == "  | Sum\nx | 1"
    assert html_text(table(["a", ""], ["b", ""])).text == "a\nb"
    assert html_text(table(["a", "b"], ["|", ""])).text == "a | b\n|"


def test_large_tables_and_long_cells_stay_as_they_are() -> None:
    assert html_text(table(list("abcdefg"), ["hh"] * 7)).text.split("\n")[0] == "a | b | c | d | e | f | g"
    long = "word " * 12
    assert html_text(table(["a", "b"], ["cc", long])).text.split("\n")[0] == "a | b"
    wide = "x" * 25
    assert html_text(table(["a", "b", "c"], [wide] * 3)).text.split("\n")[0] == "a | b | c"


def test_rows_of_other_tables_and_of_quotes_do_not_move() -> None:
    two = table(["a", "b"]) + table(["long cell", "c"])
    assert html_text(two).text == "a | b\n\nlong cell | c"
    quoted = f"<blockquote>{table(['a', 'b'], ['cc', 'd'])}</blockquote>"
    assert html_text(quoted).text.split("\n") == ["> a  | b", "> cc | d"]
