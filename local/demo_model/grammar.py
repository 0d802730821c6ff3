"""Turns plain English about tasks into intents, by rules. The first rule that matches counts."""

import re
from collections.abc import Callable
from datetime import datetime

from local.demo_model.clauses import ERRANDS, Quotes, split_clauses
from local.demo_model.details import find_priority, read_tags
from local.demo_model.intents import Complete, Create, Delete, Find, Intent, Talk, Target, Update
from local.demo_model.moments import find_moment, find_shift
from local.demo_model.reading import (
    NOUN,
    Clause,
    read_create,
    read_find,
    read_one_or_all,
    read_reminder,
    undressed,
)
from local.demo_model.talk import WHICH_TASK, small_talk

_MAX_CHARACTERS = 2_000
_MAX_REQUESTS = 20

type _Read = Callable[[re.Match[str], Clause], Intent | None]


def understand(text: str, now: datetime) -> list[Intent]:
    """The person's intents, in the order of the message. `now` is their local time, naive.

    Reads only the beginning of a very long message.
    """
    quotes = Quotes(text[:_MAX_CHARACTERS])
    intents: list[Intent] = []
    for part in split_clauses(quotes.text)[:_MAX_REQUESTS]:
        # "Change its priority to low" becomes "change the priority of it to low".
        words = re.sub(_OF_IT, r"\1 the \2 of it ", part, flags=re.IGNORECASE)
        clause = Clause(words, quotes, now)
        intents.append(
            _by_rules(clause, _RULES)
            or _more_of_the_same(clause, intents)
            or _by_rules(clause, _LAST_RULES)
            or Talk(small_talk(clause.text))
        )
    wanted: list[Intent] = [intent for intent in intents if not isinstance(intent, Talk)]
    return wanted or intents[:1]


def _by_rules(clause: Clause, rules: tuple[tuple[str, _Read], ...]) -> Intent | None:
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


def _complete(found: re.Match[str], clause: Clause) -> Intent:
    return read_one_or_all(clause, found[1], Complete, "complete_all_tasks")


def _delete(found: re.Match[str], clause: Clause) -> Intent:
    return read_one_or_all(clause, found[1], Delete, "delete_all_tasks")


def _reopen(found: re.Match[str], clause: Clause) -> Intent:
    return Complete(clause.target(found[1]), completed=False)


def _rename(found: re.Match[str], clause: Clause) -> Intent:
    return Update(clause.target(found[1]), {"title": clause.title(found[2])})


def _move(found: re.Match[str], clause: Clause) -> Intent | None:
    target = clause.target(found[1])
    if shift := find_shift(found[2]):
        return Update(target, shift=shift)
    due, rest = find_moment(found[2], clause.now)
    if due is None or re.sub(r"\b(?:to|on|at|until|for|be|due)\b|\s", "", rest):
        return None
    return Update(target, due=due)


def _clear_due(found: re.Match[str], clause: Clause) -> Intent:
    return Update(clause.target(found[1] or "it"), {"due_at": None})


def _priority(found: re.Match[str], clause: Clause) -> Intent | None:
    priority, _ = find_priority(f"{found[2]} priority")
    return Update(clause.target(found[1]), {"priority": priority}) if priority else None


def _raise_priority(found: re.Match[str], clause: Clause) -> Intent:
    level = "low" if found[1].lower() in {"lower", "decrease", "reduce"} else "high"
    return Update(clause.target(found[2]), {"priority": level})


def _tag(found: re.Match[str], clause: Clause) -> Intent:
    return Update(clause.target(found["task"]), add_tags=tuple(read_tags(found["tags"])))


def _clear_tags(found: re.Match[str], clause: Clause) -> Intent:
    return Update(clause.target(found[1]), {"tags": []})


def _describe(found: re.Match[str], clause: Clause) -> Intent:
    description = clause.quotes.restore(found[2].strip(" :"))
    return Update(clause.target(found[1]), {"description": description})


def _create(found: re.Match[str], clause: Clause) -> Intent | None:
    """A new task. Its priority may come before the noun, as in "an urgent task"."""
    before = found[0][: found.start(1)]
    level = re.search(rf"\b({_LEVEL})[- ](?:priority )?{NOUN}", before, re.IGNORECASE)
    priority = f"{level[1]} priority " if level else ""
    return read_create(clause, f"{priority}{undressed(found[1])}")


def _question(found: re.Match[str], clause: Clause) -> Intent | None:
    return read_find(clause, found[0]) if re.search(_ABOUT_TASKS, found[0], re.IGNORECASE) else None


def _search(found: re.Match[str], clause: Clause) -> Intent:
    return Find({"query": clause.target(found[1]).title or found[1]})


_DONE = r"(?:done|complete|completed|finished|closed)"
_LEVEL = r"(?:highest|high|top|urgent|important|medium|normal|lowest|low)"
_MOVE = r"(?:move|postpone|reschedule|push|delay|shift|defer|bring forward)"
_SET = r"(?:set|change|update|edit|modify|make)"
_OF_IT = (
    rf"^({_SET}) (?:its |the )?(title|name|priority|description|notes?|due date|due time|deadline|"
    r"date|time) (?=(?:to|as|on|at)\b)"
)
_NEW = rf"(?:(?:a|an|another|the|one|two|three|some|new|more|these|{_LEVEL}(?:[- ]priority)?) )*"
_REMOVE = (
    r"(?:delete|remove|erase|discard|trash|get rid of|throw away|throw out|drop|cancel|clear|scrap)"
)
_ABOUT_TASKS = (
    rf"\b(?:{NOUN}|to do|list|due|overdue|next|plate|agenda|today|tonight|tomorrow|week|weekend|"
    r"(?:do|have|should|must|can) i|i (?:have|need|must|should)|#[\w-]+|tagged)\b"
)
_CHANGE_RULES: tuple[tuple[str, _Read], ...] = (
    (r"(?:re-?open|un-?complete|uncheck|un-?tick|restore) (.+)$", _reopen),
    (
        (
            rf"(?:mark|set) (.+?) (?:as |to |back to )*"
            rf"(?:not (?:yet )?{_DONE}|open(?: again)?|undone|"
            r"incomplete|unfinished|to-?do)$"
        ),
        _reopen,
    ),
    (rf"(.+?)(?: is not| isn't|'s not) (?:yet )?{_DONE}(?: yet)?$", _reopen),
    (rf"(?:mark|set|check) (.+?) (?:as |to )*(?:{_DONE}|off)$", _complete),
    (rf"mark (?:as )?{_DONE}:? (.+)$", _complete),
    (
        r"(?:complete|finish off|finish|close|(?:check|tick|cross) off|tick|check) (.+)$",
        _complete,
    ),
    (rf"i(?:'ve| have|'m)?(?: just| already)? (?:{_DONE}|did)(?: with)? (.+)$", _complete),
    (rf"{_DONE} with (.+)$", _complete),
    (r"(?:rename|retitle) (.+?) (?:to|as|into) (.+)$", _rename),
    (rf"{_SET} (?:the )?(?:title|name) of (.+?) to (.+)$", _rename),
    (r"call (it|that|the task) (.+?)(?: instead)?$", _rename),
    (
        (
            r"(?:remove|clear|delete|drop) (?:the |its )?(?:due date|due time|deadline|date|due)"
            r"(?: (?:of|from|for|on) (.+))?$"
        ),
        _clear_due,
    ),
    (r"(?:remove|clear|delete|drop) (?:all )?(?:the )?tags? (?:of|from|on) (.+)$", _clear_tags),
    (rf"{_REMOVE} (.+?)(?: (?:from|off|on) (?:my |the )?list)?$", _delete),
    (rf"(?:{_SET} )?(?:the )?priority (?:of|for) (.+?) (?:to|as|is) (.+)$", _priority),
    (rf"give (.+?) (?:a )?({_LEVEL})[- ]priority$", _priority),
    (
        (
            rf"(?:{_SET}|mark) (.+?)(?:'s priority)? (?:to |as |be |a )*({_LEVEL})"
            r"(?:[- ]priority)?$"
        ),
        _priority,
    ),
    (
        (
            r"(raise|increase|bump|lower|decrease|reduce) (?:the )?(?:priority of )?(.+?)"
            r"(?:'?s priority)?$"
        ),
        _raise_priority,
    ),
    (rf"(it|that|.+ task)(?: is|'s) (?:very |really )*({_LEVEL})$", _priority),
    (r"give (?P<task>.+?) the (?:tags?|label) (?P<tags>.+)$", _tag),
    (r"(?:tag|label) (?P<task>.+?) (?:with|as) (?P<tags>.+)$", _tag),
    (r"(?:add|put) (?:the )?(?:tags?|label) (?P<tags>.+?) (?:to|on) (?P<task>.+)$", _tag),
    (
        r"(?:add|put) (?P<tags>#[\w-]+(?:(?:,| and) #[\w-]+)*) (?:to|on) (?P<task>.+)$",
        _tag,
    ),
    (
        (
            r"(?:add|put|attach) (?:a )?(?:note|description|details?) (?:to|on|for) (.+?)"
            r"(?: that says| saying|:) (.+)$"
        ),
        _describe,
    ),
    (rf"{_SET} the (?:description|notes?) (?:of|for) (.+?) (?:to|as) (.+)$", _describe),
    (rf"{_MOVE} (.+?)(?: back| forward)? ((?:to|till|until|by|for|on) .+)$", _move),
    (rf"{_MOVE} (it|that|this) (.+)$", _move),
    (
        (
            rf"(?:{_SET}|move) (?:the )?(?:due date|due time|deadline|date|time) "
            r"(?:of|for) (.+?) ((?:to|on|at) .+)$"
        ),
        _move,
    ),
    (rf"{_SET} (.+?) (?:to be )?((?:due|for|to) .+)$", _move),
    (r"(it|that|.+ task)(?: is|'s) ((?:due|for) .+)$", _move),
)
_CREATE_RULES: tuple[tuple[str, _Read], ...] = (
    (
        (
            r"(?:add|append|put|write|note|enter) (.+?) (?:to|on|onto|in|down on) "
            r"(?:my |the )?(?:to-?do |task )?list\b(.*)$"
        ),
        lambda found, clause: read_create(clause, undressed(found[1]) + found[2]),
    ),
    (
        (
            r"(?:create|add|make|set up|start|new|enter|insert|open|schedule|note down|put in) "
            rf"(?:me )?{_NEW}{NOUN}\b(?! (?:is|are)\b)[\s:,-]*(.*)$"
        ),
        _create,
    ),
    (rf"(?:new )?{_NEW}{NOUN}: ?(.+)$", _create),
    (
        r"(?:remind me|don't let me forget|don't forget|remember)\b(?: to| about| that| of)? (.+)$",
        lambda found, clause: read_reminder(clause, found[1]),
    ),
    (r"(?:add|create|append|schedule|note down|jot down|write down) (?:an? )?(.+)$", _create),
    (
        (
            rf"(?:an?|another|one)(?: (?:new|more|{_LEVEL}(?:[- ]priority)?))*(?: (?:one|{NOUN}))? "
            r"(?=(?:to|called|named|for|about) )(.+)$"
        ),
        _create,
    ),
)
_FIND_RULES: tuple[tuple[str, _Read], ...] = (
    (r"(?:search(?: for)?|find|look for|look up) (?!.*\btasks (?:due|with|that))(.+)$", _search),
    (
        r"(?:show|list|display|view|find|(?:i want|let me|i'd like) to see|(?:all )?my)\b.*$",
        lambda found, clause: read_find(clause, found[0]),
    ),
    (
        (
            r"(?:give me|tell me|what|whats|which|how many|do i|have i|is there|are there|any|"
            r"anything"
            r"|is anything)\b.*$"
        ),
        _question,
    ),
    (
        rf"(?:open|overdue|{_LEVEL}(?:[- ]priority)?|completed|done|all) {NOUN}$",
        lambda found, clause: read_find(clause, found[0]),
    ),
)
_TALK_RULES: tuple[tuple[str, _Read], ...] = (
    (
        (
            r"(?:help(?: me)?|what (?:can|do) you do|how does this work|who are you|thanks|"
            r"hello|hey|good (?:morning|afternoon|evening)|bye|goodbye|cancel|stop|never ?mind|"
            r"undo(?: (?:it|that))?|yes|no|ok|okay)$"
        ),
        lambda found, _: Talk(small_talk(found[0])),
    ),
    (rf"(?:create|add|make) {_NEW}{NOUN}$", lambda *_: Talk(WHICH_TASK)),
)
_RULES = (*_TALK_RULES, *_CHANGE_RULES, *_CREATE_RULES, *_FIND_RULES)
_LAST_RULES: tuple[tuple[str, _Read], ...] = (
    (
        r"i (?:need|have|want|must|should|ought|'ve got|have got)(?: to)? (.+)$",
        lambda found, clause: read_create(clause, found[1]),
    ),
    (rf"(.+?)(?: is| are|'s) (?:now )?{_DONE}$", _complete),
    (rf"(?:all )?{_DONE}$", lambda *_: Complete(Target("last"))),
    (rf"(?:{ERRANDS}) .+$", lambda found, clause: read_create(clause, found[0])),
)
