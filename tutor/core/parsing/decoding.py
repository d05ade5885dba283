"""Bytes that are meant as text, in the encodings that editors and spreadsheets write."""

import codecs

from tutor.core.parsing.reading import shorten_line

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
         (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
"""Byte-order marks; that of UTF-32 begins like that of UTF-16, so it is looked for first."""
ANSI = "cp1252"
"""What Windows programs in western Europe write when they do not write Unicode."""
MAX_ANSI_SHARE = 0.25
"""Share of bytes beyond ASCII up to which a text is taken for Windows-1252; in Cyrillic or Chinese encodings most bytes are."""


def decode(name: str, data: bytes, failure: type[Exception]) -> str:
    """The text in bytes, without its byte-order mark: UTF-8, UTF-16 or UTF-32, else Windows-1252.

    Parameters
    ----------
    name
        What messages call the text.
    failure
        What is raised, with one sentence, where the bytes are no text.
    """
    called, encoding, body = shorten_line(name), *_encoding(data)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        where = f"byte {len(data) - len(body) + error.start + 1:,} is {body[error.start]:#04x}"
        if encoding != "utf-8" or len(body) != len(data) or not _western(data):
            raise failure(f"{called} is no text in UTF-8 or UTF-16 ({where}); save it as UTF-8") from error
        text = data.decode(ANSI)
    if "\0" in text:
        raise failure(f"{called} is no text: character {text.index(chr(0)) + 1:,} is 0")
    return text


def _encoding(data: bytes) -> tuple[str, bytes]:
    """The encoding, and the bytes without their mark."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding, data[len(mark):]
    half = len(data) // 2
    if len(data) % 2 == 0 and half:                # UTF-16 without a mark: every second byte of western text is 0
        for encoding, high, low in (("utf-16-le", data[1::2], data[::2]), ("utf-16-be", data[::2], data[1::2])):
            if high.count(0) > half / 2 and not low.count(0):
                return encoding, data
    return "utf-8", data


def _western(data: bytes) -> bool:
    """Whether bytes read as Windows-1252: few are beyond ASCII, and nothing among them is UTF-8, which would only be damaged then."""
    beyond = sum(byte > 127 for byte in data)
    if beyond > max(1, MAX_ANSI_SHARE * len(data)) or not data.decode("utf-8", "ignore").isascii():
        return False
    try:
        data.decode(ANSI)
    except UnicodeDecodeError:
        return False
    return True
