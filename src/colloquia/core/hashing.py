"""Identity: a value's id is a hash of its canonical JSON, prefixed with its kind and version.

Two values are the same thing exactly when their canonical JSON is the same; ids are never random.
"""

import hashlib
import json
from typing import Any

DIGEST_CHARS = 20  # 80 bits: at ten million ids a clash has odds below 1 in 10^10

_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a plain value: sorted keys, no spaces, UTF-8 kept, no NaN."""
    return _encode(value)


def digest(value: Any) -> str:
    """Return the hex SHA-256 of a value's canonical JSON (64 characters)."""
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def content_id(prefix: str, value: Any) -> str:
    """Return `prefix_…`, the id of a value by its content; `prefix` carries kind and version."""
    return f"{prefix}_{digest(value)[:DIGEST_CHARS]}"


def seed_for(*parts: Any) -> int:
    """Return a 63-bit seed that depends on `parts` alone, so order of execution never matters."""
    return int(digest(list(parts))[:16], 16) >> 1
