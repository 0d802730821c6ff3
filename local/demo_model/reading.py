"""Reads one request: the task that it means, creates or looks for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from local.demo_model.clauses import Quotes
from local.demo_model.details import find_description, find_filters, find_priority, find_tags
from local.demo_model.intents import Arguments, Bulk, Create, Find, Intent, Target
from local.demo_model.moments import find_moment

NOUN = r"(?:tasks?|to-?dos?|items?|reminders?|entry|entries|things?)"
_LAST = (
    r"(?:it|that|this|(?:that|this|the (?:last|new|latest)) (?:one|task|todo)|"
    r"the (?:task|last|new))"
)
_SEVERAL = (
    r"(?:them|both|these|those|(?:both|all|the two|those two) of them|"
    r"(?:both|these|those)(?: two)? tasks)"
)
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_PLACE = (
    rf"(?:the )?(?:({'|'.join(_PLACES)})(?: one| task| item)?|"
    r"(?:task |number |no\.? |#|nr\.? )+(\d{1,3}))(?: on the list)?"
)
_ALL = (
    r"(?:all|every|each)\b(?: of)?(?: (?:the|my|these|those))?|everything|"
    r"(?:my |the )(?:whole |entire |complete )?list|(?:my |the )?(?=.*\btasks$)"
)
_FILLER = (
    r"\b(?:what's|today's|i've|show|list|display|give|tell|see|view|get|what|whats|which|how|many|"
    r"is|are|do|does|have|has|got|there|me|i|my|mine|of|on|in|to|the|a|an|any|anything|all|every|"
    r"everything|lists|due|up|next|should|need|must|can|we|you|know|about|with|that|currently|"
    r"now|agenda|plate|schedule|and|right|just|coming|were|was|am|want)\b"
)
_LEADS_TO_TITLE = (
    r"(?:called|named|titled|saying|that says|which says|with the title|to|for|about|that)\b:?\s*"
)


@dataclass(frozen=True)
class Clause:
    """One request of a message, and the person's local time."""

    text: str
    quotes: Quotes
    now: datetime

    def target(self, text: str) -> Target:
        """The task that `text` names."""
        text = text.strip(" ,.")
        if re.fullmatch(_LAST, text, re.IGNORECASE):
            return Target("last")
        if re.fullmatch(_SEVERAL, text, re.IGNORECASE):
            return Target("several")
        if found := re.fullmatch(_PLACE, text, re.IGNORECASE):
            word = (found[1] or "").lower()
            return Target("place", place=_PLACES.index(word) + 1 if word else int(found[2]))
        if quoted := self.quotes.find(text):
            return Target("title", quoted)
        # "The dentist one" is any task about a dentist.
        text = re.sub(r"^((?:the|my|that|this) .+) one$", r"\1", text, flags=re.IGNORECASE)
        text = re.sub(
            rf"^(?:the |my |a |that |this )*(?:{NOUN} )?(?:called |named |titled |to )?"
            r"(?:the |my )?",
            "",
            text,
            flags=re.IGNORECASE,
        )
        return Target("title", re.sub(rf"\s+{NOUN}$", "", text, flags=re.IGNORECASE))

    def title(self, text: str) -> str:
        """A new title, with a capital letter at the beginning."""
        text = self.quotes.restore(text.strip(" ,.:;-"))
        return text[:1].upper() + text[1:]


def read_create(clause: Clause, text: str) -> Create | None:
    """The task that `text` describes, with its title and details in any order."""
    details: Arguments = {}
    description, text = find_description(text)
    if description is not None:
        details["description"] = clause.quotes.restore(description)
    tags, text = find_tags(text)
    due, text = find_moment(text, clause.now)
    priority, text = find_priority(text)
    if not tags:
        tags, text = find_tags(text)
    if due is None:
        due, text = find_moment(text, clause.now)
    if priority is not None:
        details["priority"] = priority
    if tags:
        details["tags"] = tags
    title = clause.title(clause.quotes.find(text) or undressed(text))
    return Create(title, details, due) if title else None


def read_reminder(clause: Clause, text: str) -> Create | None:
    """Like `read_create`, but the time may come first: "Remind me tomorrow to call mom"."""
    if found := re.match(r"(.+?) (?:to|about) (.+)$", text, re.IGNORECASE):
        due, rest = find_moment(found[1], clause.now)
        if due is not None and not rest:
            created = read_create(clause, found[2])
            return Create(created.title, created.details, due) if created else None
    return read_create(clause, undressed(text))


def undressed(text: str) -> str:
    """The text after "a task", without a word such as "called" before the title."""
    return re.sub(f"^{_LEADS_TO_TITLE}", "", text.strip(), flags=re.IGNORECASE)


def read_find(clause: Clause, text: str) -> Find:
    """The filters in a question about tasks. The remaining words become the search query."""
    filters, rest = find_filters(text, clause.now)
    query = re.search(
        r"\b(?:about|containing|matching|mentioning|named|called|with|for) (.+)$",
        rest,
        re.IGNORECASE,
    )
    words = query[1] if query else re.sub(_FILLER, " ", rest, flags=re.IGNORECASE)
    words = _bare(clause, words, rf"\b(?:{NOUN}|my|the)\b")
    if words:
        filters["query"] = words
    elif "completed" not in filters and not re.search(r"\b(?:all|every)\b", text, re.IGNORECASE):
        filters["completed"] = False
    return Find(filters)


def read_one_or_all(
    clause: Clause, text: str, one: Callable[[Target], Intent], tool: str
) -> Intent:
    """The bulk tool for "all", "everything" and plurals, or else the intent for one task."""
    text = text.strip()
    several = re.fullmatch(_SEVERAL, text, re.IGNORECASE)
    found = None if several or clause.quotes.find(text) else re.match(_ALL, text, re.IGNORECASE)
    if found is None:
        return one(clause.target(text))
    filters, rest = find_filters(text[found.end() :], clause.now)
    words = _bare(clause, rest, rf"\b(?:{NOUN}|my|the|of|on|in|list|them|that|are|is|from)\b")
    if words:
        filters["query"] = words
    if tool == "complete_all_tasks":
        filters.pop("completed", None)
        return Bulk("complete_all_tasks", filters)
    return Bulk("delete_all_tasks", filters)


def _bare(clause: Clause, text: str, dropped: str) -> str:
    text = re.sub(dropped, " ", text, flags=re.IGNORECASE)
    return clause.quotes.restore(" ".join(text.split()).strip(" ,.'"))
