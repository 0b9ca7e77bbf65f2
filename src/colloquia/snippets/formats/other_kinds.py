"""Files that aren't text, known by how they begin: what each is, and how to get its text."""

from colloquia.core.text import shown

_UNPACK = "a compressed file, not text; unpack it first"
_IMAGE = "an image, not text; write down what it shows, or run OCR on it first"
_PROGRAM = "a program, not text"
_SAVE = "save the document as plain text first"

# How a file begins -> what it is and what to do; {name} and {stem} are the file's.
_BEGINNINGS: dict[bytes, str] = {
    b"%PDF-": "a PDF, not text; extract its text first, for example: "
    "pdftotext {name} text-of-{stem}.txt",
    b"PK\x03\x04": "a zip archive, as .docx, .xlsx, .odt and .epub files are, not text; unpack it, "
    "or save the document as plain text or CSV first",
    b"\x1f\x8b": _UNPACK,
    b"BZh": _UNPACK,
    b"\xfd7zXZ\x00": _UNPACK,
    b"\x28\xb5\x2f\xfd": _UNPACK,
    b"7z\xbc\xaf\x27\x1c": _UNPACK,
    b"Rar!\x1a\x07": _UNPACK,
    b"{\\rtf": f"an RTF document, not plain text; {_SAVE}",
    b"\xd0\xcf\x11\xe0": f"an old Office document, not text; {_SAVE}",
    b"%!PS": "PostScript, not text; extract its text first, for example with ps2ascii",
    b"\x89PNG": _IMAGE,
    b"\xff\xd8\xff": _IMAGE,
    b"GIF8": _IMAGE,
    b"II*\x00": _IMAGE,
    b"MM\x00*": _IMAGE,
    b"RIFF": "sound, video or an image, not text",
    b"OggS": "sound or video, not text",
    b"ID3": "sound, not text",
    b"\x7fELF": _PROGRAM,
    b"\xcf\xfa\xed\xfe": _PROGRAM,
    b"\xca\xfe\xba\xbe": _PROGRAM,
    b"SQLite format 3\x00": "an SQLite database, not text; save a table of it as CSV first",
    b"PAR1": "a Parquet file, not text; read it with pandas and give the frame from Python, or "
    "save it as CSV first",
    b"ARROW1": "an Arrow file, not text; give the data set from Python, or save it as CSV first",
}
_WORDS = frozenset({b"BZh", b"GIF8", b"RIFF", b"OggS", b"ID3", b"PAR1", b"ARROW1"})
"""Letters alone, with which a text may begin too."""


_TEXT_BYTES = bytes({*range(9, 14), 27, *range(32, 256)})
_SOME = 3  # control characters that a slip may leave in a text


def how_to_get_text(head: bytes, *, name: str) -> str | None:
    """Return what a file is that is no text, and how its text is got; None where nobody knows.

    Args:
        head: its first bytes.
        name: of the file, without its folder.
    """
    for beginning, told in _BEGINNINGS.items():
        if head.startswith(beginning) and (beginning not in _WORDS or is_binary(head)):
            stem = name.rpartition(".")[0] or name
            return told.format(name=shown(name), stem=shown(stem))
    return None


def is_binary(head: bytes) -> bool:
    """Whether more than one byte in twenty is a control character, as in no text."""
    controls = len(head.translate(None, _TEXT_BYTES))
    return controls > _SOME and controls * 20 > len(head)
