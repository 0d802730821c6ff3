"""Finds priorities, tags, descriptions and filters in plain English."""

import re
from datetime import datetime, time, timedelta

from local.demo_model.intents import Arguments
from local.demo_model.moments import find_moment

_PRIORITY_WORDS = {
    "high": "high", "highest": "high", "top": "high", "urgent": "high", "important": "high",
    "medium": "medium", "normal": "medium", "low": "low", "lowest": "low",
}  # fmt: skip
_LEVEL = rf"({'|'.join(_PRIORITY_WORDS)})"
_PRIORITY_PHRASES = (
    rf"\b(?:with |at |as |of |and )?(?:a )?{_LEVEL}[- ]priority\b",
    rf"\b(?:with |and )?(?:a )?priority(?: is| to|:)? {_LEVEL}\b",
    r"\b(?:it'?s |it is |that'?s |which is |and )?(?:very |really )?(urgent|important)(?:ly)?$",
    r"^(urgent|important)(?:ly)?\b:?",
)
_TAG = r"[\w-]+"
_TAG_PHRASE = (
    r"(?:,? (?:and )?(?:it )?)\b"
    r"(?:tag(?:ged)?|label(?:l?ed)?|(?:with|and) (?:the )?(?:tag|label)s?)"
    rf"(?: it)?(?: as| with)?:? ({_TAG}(?:(?:,| and|, and) {_TAG})*)$"
)
_DESCRIPTION_PHRASE = (
    r",? (?:with (?:the |a )?)?(?:descriptions?|notes?|details)(?: saying| that says)?:? (.+)$"
)
_OPEN = (
    r"\b(?:open|pending|unfinished|incomplete|uncompleted|active|outstanding|remaining|left|"
    r"not done|undone|still)\b"
)
_DONE = r"\b(?:done|completed?|finished|closed)\b"


def find_priority(text: str) -> tuple[str | None, str]:
    """The priority that `text` names, if any, and the text without it."""
    for phrase in _PRIORITY_PHRASES:
        if found := re.search(phrase, text, re.IGNORECASE):
            return _PRIORITY_WORDS[found[1].lower()], _without(text, found)
    return None, text


def find_tags(text: str) -> tuple[list[str], str]:
    """The tags in `text`, written as #tag or in words, and the text without them."""
    tags = re.findall(rf"#({_TAG})", text)
    text = re.sub(rf"\s*,?\s*(?:and |with |tagged |as )*#{_TAG}", "", text)
    if found := re.search(_TAG_PHRASE, text, re.IGNORECASE):
        tags += read_tags(found[1])
        text = _without(text, found)
    return list(dict.fromkeys(tag.lower() for tag in tags)), text.strip()


def read_tags(text: str) -> list[str]:
    """The tags in a list such as "home, garden and #work"."""
    return re.findall(_TAG, re.sub(r"\band\b", " ", text.lower()))


def find_description(text: str) -> tuple[str | None, str]:
    """A description at the end of `text`, if any, and the text before it."""
    if found := re.search(_DESCRIPTION_PHRASE, text, re.IGNORECASE):
        return found[1].strip(), text[: found.start()]
    return None, text


def find_filters(text: str, now: datetime) -> tuple[Arguments, str]:
    """The filters of `list_tasks` that `text` names, and the text without them."""
    filters: Arguments = {}
    due, text = _due_filters(text, now)
    filters |= due
    for pattern, completed in ((_OPEN, False), (_DONE, True)):
        if "completed" not in filters and (found := re.search(pattern, text, re.IGNORECASE)):
            filters["completed"] = completed
            text = _without(text, found)
    priority, text = find_priority(text)
    if priority is None and (found := re.search(r"\b(urgent|important)\b", text, re.IGNORECASE)):
        priority, text = "high", _without(text, found)
    if priority is not None:
        filters["priority"] = priority
    tags, text = find_tags(text)
    if tags:
        filters["tag"] = tags[0]
    return filters, text


def _due_filters(text: str, now: datetime) -> tuple[Arguments, str]:
    today = datetime.combine(now.date(), time())
    monday = today - timedelta(days=now.weekday())
    periods = {
        r"\b(?:due |for |in )*this week\b": (monday, monday + timedelta(days=7)),
        r"\b(?:due |for |in )*next week\b": (
            monday + timedelta(days=7),
            monday + timedelta(days=14),
        ),
    }
    if found := re.search(r"\b(?:overdue|late|past due)\b", text, re.IGNORECASE):
        return {"due_before": now.isoformat("T", "seconds"), "completed": False}, _without(
            text, found
        )
    for pattern, (start, end) in periods.items():
        if found := re.search(pattern, text, re.IGNORECASE):
            return _between(start, end), _without(text, found)
    is_limit = re.search(r"\b(?:before|until|till|by)\b", text, re.IGNORECASE)
    moment, rest = find_moment(text, now)
    if moment is None:
        return {}, text
    at = moment.resolve(now)
    if is_limit:
        return {"due_before": at.isoformat("T", "seconds")}, rest
    day = datetime.combine(at.date(), time())
    return _between(day, day + timedelta(days=1)), rest


def _between(start: datetime, end: datetime) -> Arguments:
    return {
        "due_after": start.isoformat("T", "seconds"),
        "due_before": end.isoformat("T", "seconds"),
    }


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()].rstrip(' ,')} {text[found.end() :].lstrip(' ,')}".strip()
