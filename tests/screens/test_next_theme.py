"""Another theme is for now; what keeps it is told."""

from __future__ import annotations

from tests.screens.conftest import MakeApp, desk_of, settle, text_of


async def test_the_setting_that_keeps_a_theme_is_named(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        before = app.theme
        desk_of(app).run_command("theme")
        await settle(app, pilot)
        assert app.theme != before
        assert f'for now. theme = "{app.theme}" in the settings keeps it.' in " ".join(
            "\n".join(text_of(app)[-2:]).split()
        )
