"""Text of others as a terminal, a mail or a log may show it: every character that cannot be seen is an escape.

Names, headings and cells may hold what moves a cursor, hides a line, makes a link or turns the direction of reading.
"""


def printable(text: str) -> str:
    """On one line: control and format characters, line and paragraph separators, lone surrogates as Python writes them.

    Letters of every script, symbols and the space stay; what cannot be told from a space is escaped too.
    """
    return text if text.isprintable() else "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def printable_lines(text: str) -> str:
    """The same of a text of our own that has several lines, each of which may quote others."""
    return "\n".join(printable(line) for line in text.split("\n"))
