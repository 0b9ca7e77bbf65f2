"""The inside of a Markdown paragraph as plain text: links to their words, no emphasis marks.

Code, formulas and escaped marks are set aside first, so that nothing in them is taken for a mark:
each is one character of a private plane while the rest is read.
"""

import re

from colloquia.snippets.markup import plain_entities, plain_scripts, without_citations

_ASIDE = 0xF0000
_IMAGE = re.compile(r"!\[[^\]]{0,300}\](?:\((?:[^()]|\([^()]{0,200}\)){0,2000}\)|\[[^\]]{0,300}\])")
COMMENT = re.compile(r"<!--.{0,2000}?-->", re.S)
_ATOM = re.compile(
    r"(?P<ticks>`{1,3})(?!`)(?P<code>.{1,1000}?)(?<!`)(?P=ticks)(?!`)"
    r"|(?P<formula>\\\(.{1,1000}?\\\)|\\\[(?=\s|[^\]\\]{0,300}(?:[\^_=+<>{}]|\\[A-Za-z])).{1,2000}?\\\]"
    r"|\$\$[^$]{1,2000}\$\$|(?<![\w$\\])\$(?=[^\s$])[^$]{0,500}[^\s$\\]\$(?![\w$]))"
    r"|<(?P<address>https?://[^<>\s]{1,2000})>|https?://[^\s<>()\[\]]{1,2000}"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|[\U000F0000-\U000FFFFD]",
    re.S,
)
_LINK = re.compile(
    r"\[([^\[\]]{0,300})\](?:\((?:[^()]|\([^()]{0,200}\)){0,2000}\)|\[[^\]]{0,300}\])"
)
_FOOTNOTE = re.compile(
    r"[ \t]?\[\^[^\]]{1,80}\]"
    r"|<sup(?:\s[^<>]{0,200})?>\s?(?:<a\s[^<>]{0,300}>[^<>]{0,20}</a>|\[[^\[\]]{1,20}\]\([^()]{0,300}\))"
    r"\s?</sup>",
    re.I,
)
# What no name of a tag is, as in `if p <q and r> s` or `<year>`, isn't one.
_TAG = re.compile(
    r"</?(?:a|abbr|acronym|address|article|aside|b|bdi|bdo|big|blockquote|body|br|button|center|"
    r"caption|cite|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em|figcaption|figure|font|footer|"
    r"h[1-6]|header|hr|html|i|iframe|img|input|ins|kbd|label|li|main|mark|nav|ol|p|picture|q|s|samp|"
    r"section|small|source|span|strike|strong|summary|table|tbody|td|tfoot|th|thead|time|tr|tt|u|ul|"
    r"var|video|wbr)(?:\s+(?:open|controls|[\w:-]{1,30}\s?=[^<>]{1,500}))?\s?/?>",
    re.I,
)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?li|/?t[dr])\s?/?>", re.I)
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3})(?=\S)([^*_]{1,300})(?<=\S)\1(?!\w)")
_SPACES = re.compile(r"[ \t]{2,}")
_PRIVATE = re.compile("[\U000f0000-\U000ffffd]")


def plain_inline(text: str) -> str:
    """Return a paragraph of Markdown as plain text."""
    aside: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        aside.append(_kept(found))
        return chr(_ASIDE + len(aside) - 1)

    text = _ATOM.sub(set_aside, text)
    text = _FOOTNOTE.sub("", COMMENT.sub("", _IMAGE.sub("", text)))
    text = _LINK.sub(r"\1", without_citations(text))
    for _ in range(3):  # emphasis within emphasis
        text = _EMPHASIS.sub(r"\2", text)
    text = _TAG.sub("", _BREAK.sub(" ", text))
    text = _SPACES.sub(" ", plain_entities(plain_scripts(text)))
    return _PRIVATE.sub(lambda found: aside[ord(found[0]) - _ASIDE], text).strip()


def images_and_comments(text: str) -> dict[str, int]:
    """Return how many of these a paragraph holds; nothing of them is read."""
    if "<!--" not in text and "![" not in text:
        return {}
    return {"images": len(_IMAGE.findall(text)), "comments": len(COMMENT.findall(text))}


def _kept(found: re.Match[str]) -> str:
    if found["code"] is not None:
        return found["code"].strip() or found["code"]
    return found["formula"] or found["address"] or found["escaped"] or found[0]
