"""The rules of the grammar: each has a pattern and a reader. The first rule that matches counts."""

import re
from collections.abc import Callable

from local.demo_model import readers
from local.demo_model.clauses import ERRANDS
from local.demo_model.intents import Complete, Intent, Talk, Target
from local.demo_model.readers import LEVEL
from local.demo_model.reading import NOUN, Clause, read_create, read_find, read_reminder, undressed
from local.demo_model.talk import WHICH_TASK, small_talk

type Rule = tuple[str, Callable[[re.Match[str], Clause], Intent | None]]
"""A pattern for the start of a clause, and a reader, which returns None if it does not apply."""

_DONE = r"(?:done|complete|completed|finished|closed)"
_MOVE = r"(?:move|postpone|reschedule|push|delay|shift|defer|bring forward)"
_SET = r"(?:set|change|update|edit|modify|make)"
OF_IT = (
    rf"^({_SET}) (?:its |the )?(title|name|priority|description|notes?|due date|due time|deadline|"
    r"date|time) (?=(?:to|as|on|at)\b)"
)
_NEW = rf"(?:(?:a|an|another|the|one|two|three|some|new|more|these|{LEVEL}(?:[- ]priority)?) )*"
_REMOVE = (
    r"(?:delete|remove|erase|discard|trash|get rid of|throw away|throw out|drop|cancel|clear|scrap)"
)
_CHANGE_RULES: tuple[Rule, ...] = (
    (r"(?:re-?open|un-?complete|uncheck|un-?tick|restore) (.+)$", readers.reopen),
    (
        (
            rf"(?:mark|set) (.+?) (?:as |to |back to )*"
            rf"(?:not (?:yet )?{_DONE}|open(?: again)?|undone|"
            r"incomplete|unfinished|to-?do)$"
        ),
        readers.reopen,
    ),
    (rf"(.+?)(?: is not| isn't|'s not) (?:yet )?{_DONE}(?: yet)?$", readers.reopen),
    (rf"(?:mark|set|check) (.+?) (?:as |to )*(?:{_DONE}|off)$", readers.complete),
    (rf"mark (?:as )?{_DONE}:? (.+)$", readers.complete),
    (
        r"(?:complete|finish off|finish|close|(?:check|tick|cross) off|tick|check) (.+)$",
        readers.complete,
    ),
    (rf"i(?:'ve| have|'m)?(?: just| already)? (?:{_DONE}|did)(?: with)? (.+)$", readers.complete),
    (rf"{_DONE} with (.+)$", readers.complete),
    (r"(?:rename|retitle) (.+?) (?:to|as|into) (.+)$", readers.rename),
    (rf"{_SET} (?:the )?(?:title|name) of (.+?) to (.+)$", readers.rename),
    (r"call (it|that|the task) (.+?)(?: instead)?$", readers.rename),
    (
        (
            r"(?:remove|clear|delete|drop) (?:the |its )?(?:due date|due time|deadline|date|due)"
            r"(?: (?:of|from|for|on) (.+))?$"
        ),
        readers.clear_due,
    ),
    (
        r"(?:remove|clear|delete|drop) (?:all )?(?:the )?tags? (?:of|from|on) (.+)$",
        readers.clear_tags,
    ),
    (rf"{_REMOVE} (.+?)(?: (?:from|off|on) (?:my |the )?list)?$", readers.delete),
    (rf"(?:{_SET} )?(?:the )?priority (?:of|for) (.+?) (?:to|as|is) (.+)$", readers.priority),
    (rf"give (.+?) (?:a )?({LEVEL})[- ]priority$", readers.priority),
    (
        (
            rf"(?:{_SET}|mark) (.+?)(?:'s priority)? (?:to |as |be |a )*({LEVEL})"
            r"(?:[- ]priority)?$"
        ),
        readers.priority,
    ),
    (
        (
            r"(raise|increase|bump|lower|decrease|reduce) (?:the )?(?:priority of )?(.+?)"
            r"(?:'?s priority)?$"
        ),
        readers.raise_priority,
    ),
    (rf"(it|that|.+ task)(?: is|'s) (?:very |really )*({LEVEL})$", readers.priority),
    (r"give (?P<task>.+?) the (?:tags?|label) (?P<tags>.+)$", readers.tag),
    (r"(?:tag|label) (?P<task>.+?) (?:with|as) (?P<tags>.+)$", readers.tag),
    (r"(?:add|put) (?:the )?(?:tags?|label) (?P<tags>.+?) (?:to|on) (?P<task>.+)$", readers.tag),
    (
        r"(?:add|put) (?P<tags>#[\w-]+(?:(?:,| and) #[\w-]+)*) (?:to|on) (?P<task>.+)$",
        readers.tag,
    ),
    (
        (
            r"(?:add|put|attach) (?:a )?(?:note|description|details?) (?:to|on|for) (.+?)"
            r"(?: that says| saying|:) (.+)$"
        ),
        readers.describe,
    ),
    (rf"{_SET} the (?:description|notes?) (?:of|for) (.+?) (?:to|as) (.+)$", readers.describe),
    (rf"{_MOVE} (.+?)(?: back| forward)? ((?:to|till|until|by|for|on) .+)$", readers.move),
    (rf"{_MOVE} (it|that|this) (.+)$", readers.move),
    (
        (
            rf"(?:{_SET}|move) (?:the )?(?:due date|due time|deadline|date|time) "
            r"(?:of|for) (.+?) ((?:to|on|at) .+)$"
        ),
        readers.move,
    ),
    (rf"{_SET} (.+?) (?:to be )?((?:due|for|to) .+)$", readers.move),
    (r"(it|that|.+ task)(?: is|'s) ((?:due|for) .+)$", readers.move),
)
_CREATE_RULES: tuple[Rule, ...] = (
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
        readers.create,
    ),
    (rf"(?:new )?{_NEW}{NOUN}: ?(.+)$", readers.create),
    (
        r"(?:remind me|don't let me forget|don't forget|remember)\b(?: to| about| that| of)? (.+)$",
        lambda found, clause: read_reminder(clause, found[1]),
    ),
    (
        r"(?:add|create|append|schedule|note down|jot down|write down) (?:an? )?(.+)$",
        readers.create,
    ),
    (
        (
            rf"(?:an?|another|one)(?: (?:new|more|{LEVEL}(?:[- ]priority)?))*(?: (?:one|{NOUN}))? "
            r"(?=(?:to|called|named|for|about) )(.+)$"
        ),
        readers.create,
    ),
)
_FIND_RULES: tuple[Rule, ...] = (
    (
        r"(?:search(?: for)?|find|look for|look up) (?!.*\btasks (?:due|with|that))(.+)$",
        readers.search,
    ),
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
        readers.question,
    ),
    (
        rf"(?:open|overdue|{LEVEL}(?:[- ]priority)?|completed|done|all) {NOUN}$",
        lambda found, clause: read_find(clause, found[0]),
    ),
)
_TALK_RULES: tuple[Rule, ...] = (
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
RULES: tuple[Rule, ...] = (*_TALK_RULES, *_CHANGE_RULES, *_CREATE_RULES, *_FIND_RULES)

LAST_RULES: tuple[Rule, ...] = (
    (
        r"i (?:need|have|want|must|should|ought|'ve got|have got)(?: to)? (.+)$",
        lambda found, clause: read_create(clause, found[1]),
    ),
    (rf"(.+?)(?: is| are|'s) (?:now )?{_DONE}$", readers.complete),
    (rf"(?:all )?{_DONE}$", lambda *_: Complete(Target("last"))),
    (rf"(?:{ERRANDS}) .+$", lambda found, clause: read_create(clause, found[0])),
)
