"""Keys never leave: every text that goes out (errors, logs, rows) passes through here.

Built from the keys' actual values, as they are, as a URL writes them and in base64; a pattern would
miss keys that look like nothing, and blot out texts that look like keys.
"""

import base64
import logging
from urllib.parse import quote, quote_plus

SHORTEST = 6  # a "key" of five letters, such as `none`, would blot out ordinary words
SHOWN = "[key]"


class Redactor:
    """Replaces every key it has learnt."""

    def __init__(self) -> None:
        """Begin with no keys."""
        self._forms: tuple[str, ...] = ()

    def learn(self, key: str | None) -> None:
        """Remember a key; None and placeholders are ignored."""
        if key and len(key) >= SHORTEST:
            # Longest first: a form that holds another must not be left in pieces.
            self._forms = tuple(sorted({*self._forms, *_forms(key)}, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """Return the text without keys."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, SHOWN)
        return text


class RedactingFilter(logging.Filter):
    """Cleans log records, whoever writes them; put it on handlers and on foreign loggers."""

    def __init__(self, redact: Redactor) -> None:
        """Clean with this redactor."""
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite message and traceback; the record itself always passes."""
        record.msg, record.args = self._redact(record.getMessage()), None
        if record.exc_info:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
            record.exc_info = None
        record.exc_text = record.exc_text and self._redact(record.exc_text)
        record.stack_info = record.stack_info and self._redact(record.stack_info)
        return True


def _forms(key: str) -> set[str]:
    raw = key.encode()
    forms = {key, quote(key, safe=""), quote_plus(key), key.replace("\\", "\\\\")}
    # In base64 a key may start at any of three places, e.g. behind `user:`; its inner part is the
    # same each time, whatever surrounds it.
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms.add(encode(raw).decode().rstrip("="))
        for skip in (1, 2):
            inner = encode(raw[skip:]).decode().rstrip("=")[:-1]
            forms.add(inner)
    return {form for form in forms if len(form) >= SHORTEST}


#: The process's one redactor: keys are few, and no sink may miss one.
redact = Redactor()
