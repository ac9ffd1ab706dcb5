"""Themes and keymaps as data files."""
