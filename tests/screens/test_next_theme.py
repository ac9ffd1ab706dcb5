"""Another theme is for now; what keeps it is told."""

from __future__ import annotations

from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, wait_for


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


async def test_what_is_being_written_has_the_colours_of_the_other_theme(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_refund(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await pilot.press(*"order")
        await settle(app, pilot)
        field = desk_of(app).answering.pane.text
        field.select_line(0)

        def grounds() -> set[object]:
            return {part.style.bgcolor for part in field.render_line(0) if part.style is not None}

        before = grounds()
        assert len(before) > 1, "what is selected has a ground of its own"
        app.use_theme("light")
        await settle(app, pilot)
        assert not before & grounds()
