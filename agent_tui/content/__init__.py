"""Untrusted bytes to safe text, and composing mail."""
