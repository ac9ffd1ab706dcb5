"""A simulated service with live customers: the demo, and the backend to read before writing one.

backend.py    the adapter: the contract of `backends.api`, and nothing else
server.py     the service it talks to, kept in a file of its own, as a real one would be kept elsewhere
records.py    the tables of that file
customers.py  what the customers do: they write, wait, answer, and lose patience
cast.py       who they are
wording.py    what they say, read from words/*.toml
letters.py    how it becomes mail
history.py    the months before the demo began
"""

from agent_tui.backends.demo.backend import DemoBackend

__all__ = ["DemoBackend"]
