"""The command line: the verbs of the screen, for scripts and for proof. No part of it imports Textual but the desk's own."""
