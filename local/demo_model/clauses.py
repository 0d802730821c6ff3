"""Splits a message into its requests.

"add buy milk and call the bank" is two requests, "add bread and butter" is one. An "and" or a comma
separates requests only if the text after it looks like a request or like another thing to do.
"""

import re

_COMMANDS = (
    "add|append|create|schedule|remind|note down|show|list|display|find|search|delete|remove|"
    "erase|rename|reschedule|postpone|reopen|re-open|uncheck|mark|check off|tick off|move|push|"
    "set|tag|label|make it|make that|make the|make them|what|what's|whats|which|how many|"
    "change (?:it|the|its)|(?:complete|finish|close|cancel|delay|raise|lower)"
    "(?= (?:it|that|them|both|all|everything|the last)\\b| .*\\b(?:task|tasks|todo|one)\\b)"
)
ERRANDS = (
    "ask|bake|book|bring|build|buy|call|cancel|check|clean|collect|contact|cook|do|draft|drop|"
    "email|e-mail|feed|file|finish|fix|get|give|go|grab|install|invite|learn|mail|meet|message|"
    "mow|order|organi[sz]e|pack|paint|pay|phone|pick up|plan|practi[cs]e|prepare|print|read|"
    "renew|repair|reply|research|review|ring|return|schedule|sell|send|sign|start|study|submit|"
    "take|talk to|text|tidy|update|vacuum|visit|walk|wash|water|work on|write"
)
_ANOTHER = (
    r"(?:an?|another|one)(?: (?:new|more|high|low|medium|urgent|important)(?:[- ]priority)?)*"
    r"(?: (?:one|task|reminder))? (?:to|called|named|for|about)"
)
_POLITE = (
    r"^(?:(?:hey|hi|hello|ok|okay|so|well|and|also|then|next|now|finally|please|pls|yes|great|"
    r"thanks|thank you|cool)[,!.]*\s+|"
    r"(?:can|could|would|will) you (?:please |also |now )?|i(?:'d| would) like (?:you )?to |"
    r"i want (?:you )?to |let'?s )+"
)
_CUT = re.compile(
    rf"(?:\s*,)?\s*(?:\b(?:and|then|also|plus)\b\s*)*(?:,\s*|\b(?:and|then|also|plus)\b\s*)"
    rf"(?=(?:please |also |then )?(?:{_COMMANDS}|{ERRANDS}|{_ANOTHER}|⟦\d+⟧)(?!\w))",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[^\d\s.][.!?;])\s+|\s*;\s*|\s*\n+\s*")
_QUOTED = re.compile(r"\"([^\"]+)\"|“([^”]+)”|(?<![\w])'([^']+)'(?!\w)")
_PLACEHOLDER = re.compile(r"⟦(\d+)⟧")
_LIST_HEAD = re.compile(r"^(.*\b(?:tasks|things|todos)\b[^:]*):\s+(.+)$", re.IGNORECASE | re.DOTALL)
_SHOPPING = re.compile(
    r"^(?:please )?(?:add|put) ([^,]+,.+) (?:to|on) (?:my |the )?(?:to-?do |task )?list$",
    re.IGNORECASE,
)
_CREATES = re.compile(
    r"add|append|create|make|new|note|put|remember|remind|tasks|i ", re.IGNORECASE
)
_ONE_TO = re.compile(r"^(?:and )?(?:one|another|the other)(?: one)? (?:to|called) ", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")


_TRAILING = re.compile(r"[\s,]*\b(?:please|pls|for me|thanks|thank you)\b[\s.!?]*$", re.IGNORECASE)


class Quotes:
    """Replaces quoted titles by placeholders, so that the grammar does not interpret them."""

    def __init__(self, text: str) -> None:
        self._kept: list[str] = []
        self.text = _QUOTED.sub(self._keep, text.translate({ord("⟦"): "[", ord("⟧"): "]"}))

    def _keep(self, found: re.Match[str]) -> str:
        self._kept.append(next(group for group in found.groups() if group))
        return f"⟦{len(self._kept) - 1}⟧"

    def restore(self, text: str) -> str:
        """The text with the quoted passages instead of placeholders, without quotation marks."""
        return _PLACEHOLDER.sub(lambda found: self._kept[int(found[1])], text)

    def find(self, text: str) -> str | None:
        """The first quoted passage in a clause."""
        found = _PLACEHOLDER.search(text)
        return self._kept[int(found[1])] if found else None


def split_clauses(text: str) -> list[str]:
    """The requests in a message, without polite phrases around them."""
    text = text.replace("\u2019", "'")
    if found := _LIST_HEAD.match(text.strip()):
        return _enumerated(found[1], found[2])
    if found := _SHOPPING.match(text.strip(" .!")):
        return _enumerated("create", found[1])
    clauses: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        for clause in _CUT.split(_strip_courtesies(sentence)):
            stripped = _strip_courtesies(clause)
            if stripped:
                clauses.append(stripped)
    return clauses


def _enumerated(head: str, items: str) -> list[str]:
    """ "Add these tasks: milk, eggs and bread" becomes one clause for each item."""
    parts = re.split(r"\s*\n+\s*|\s*[,;]\s*(?:and\s+)?", items)
    if len(parts) > 1 or " and " in items:
        *others, last = parts
        parts = [*others, *re.split(r"\s+and\s+", last)]
    head = _strip_courtesies(head)
    verb = "create a task called" if _CREATES.match(head) else head.split()[0]
    titles = [_BULLET.sub("", part).strip(" .") for part in parts]
    if verb == "create a task called":
        titles = [_ONE_TO.sub("", title) for title in titles]
    return [f"{verb} {title}" for title in titles if title]


def _strip_courtesies(text: str) -> str:
    text = re.sub(_POLITE, "", text.strip(), flags=re.IGNORECASE)
    text = _TRAILING.sub("", text) or text
    return text.strip(" ,.!?")
