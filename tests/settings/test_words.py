"""Languages: which of them there are words of."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_tui import words


def test_a_language_is_spoken_where_there_is_a_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "CATALOGUES", tmp_path)
    assert words.languages() == ["en"]
    assert not words.speaks("uk")
    (tmp_path / "uk" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "uk" / "LC_MESSAGES" / "agent_tui.mo").touch()
    assert words.languages() == ["en", "uk"]
    assert [code for code in ("en", "en_GB", "uk", "uk_UA.UTF-8", "pseudo") if not words.speaks(code)] == []
    assert [code for code in ("", "xx", "english", "../uk", "u\0k") if words.speaks(code)] == []
