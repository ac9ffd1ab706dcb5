"""What things are: the words of the desk as frozen dataclasses and enums, without any input or output."""
