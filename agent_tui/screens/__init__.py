"""The screens of the desk, and the commands that work on them."""
