"""Turns plain English about tasks into intents."""

import re
from datetime import datetime

from local.demo_model.clauses import Quotes, split_clauses
from local.demo_model.intents import Complete, Create, Delete, Intent, Talk
from local.demo_model.reading import Clause, read_create
from local.demo_model.rules import LAST_RULES, OF_IT, RULES, Rule
from local.demo_model.talk import small_talk

_MAX_CHARACTERS = 2_000
_MAX_REQUESTS = 20


def understand(text: str, now: datetime) -> list[Intent]:
    """The person's intents, in the order of the message. `now` is their local time, naive.

    Reads only the beginning of a very long message.
    """
    quotes = Quotes(text[:_MAX_CHARACTERS])
    intents: list[Intent] = []
    for part in split_clauses(quotes.text)[:_MAX_REQUESTS]:
        # "Change its priority to low" becomes "change the priority of it to low".
        words = re.sub(OF_IT, r"\1 the \2 of it ", part, flags=re.IGNORECASE)
        clause = Clause(words, quotes, now)
        intents.append(
            _by_rules(clause, RULES)
            or _more_of_the_same(clause, intents)
            or _by_rules(clause, LAST_RULES)
            or Talk(small_talk(clause.text))
        )
    wanted: list[Intent] = [intent for intent in intents if not isinstance(intent, Talk)]
    return wanted or intents[:1]


def _by_rules(clause: Clause, rules: tuple[Rule, ...]) -> Intent | None:
    for pattern, read in rules:
        found = re.match(pattern, clause.text, re.IGNORECASE)
        if found and (intent := read(found, clause)) is not None:
            return intent
    return None


def _more_of_the_same(clause: Clause, intents: list[Intent]) -> Intent | None:
    """Repeats the last intent for another task: "complete “Buy milk” and “Call mom”"."""
    match intents[-1:]:
        case [Create()]:
            return read_create(clause, clause.text)
        case [Complete(completed=completed)]:
            return Complete(clause.target(clause.text), completed)
        case [Delete()]:
            return Delete(clause.target(clause.text))
        case _:
            return None
