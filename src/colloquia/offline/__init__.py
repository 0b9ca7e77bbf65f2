"""The offline teacher, which plays every role by rule: no key, no network, no weights."""
