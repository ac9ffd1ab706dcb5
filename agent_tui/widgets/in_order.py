"""Keys of a text field in the order they were typed.

Textual lets a field insert letters at once, but sends keys that are bindings (Backspace, arrows, Ctrl+U) up to the
application and back. Where keys come in a burst, as over a slow line, letters overtake them and the text is another
one than was typed. Here a field runs its own bindings itself, in its turn.
"""

from __future__ import annotations

from textual import events
from textual.binding import NoBinding
from textual.widget import Widget


async def run_own_binding(field: Widget, event: events.Key) -> bool:
    """Run the binding of a key where the field has one; false where it has none."""
    try:
        bindings = field._bindings.get_bindings_for_key(event.key)
    except NoBinding:
        return False
    event.stop()
    event.prevent_default()
    await field.run_action(bindings[0].action)
    return True
