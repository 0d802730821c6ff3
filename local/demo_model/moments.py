"""Finds days and times in plain English: "tomorrow at 5pm", "in 2 hours", "on Friday"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december",
)  # fmt: skip
END_OF_DAY = time(23, 59)
"""The time of a task that is due on a day without a time."""

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "a couple of": 2, "half an": 0.5,
}  # fmt: skip
_PARTS_OF_DAY = {"morning": 9, "afternoon": 15, "evening": 19, "night": 21}
_PARTS = "|".join(_PARTS_OF_DAY)
_FIRST_MORNING_HOUR = 7
_NOON = 12
_LEAD = (
    r"(?:\b(?:(?:it'?s|which is|that is|is) )?(?:(?:due|scheduled) )?"
    r"(?:(?:on|by|before|until|till|for|at|from|starting) )?(?:the )?)"
)
_NUMBER = rf"(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))}|\d{{1,3}})"
_UNIT = r"(minute|min|hour|hr|day|week|month|year)s?"
_WEEKDAY = rf"({'|'.join(WEEKDAYS)})"
_SHORT_WEEKDAY = r"(mon|tues?|wed|thu(?:rs)?|fri|sat|sun)"
_MONTH = rf"({'|'.join(MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"


@dataclass(frozen=True)
class Moment:
    """A day, a time of day, or both, as the person said it, in their time zone."""

    day: date | None = None
    clock: time | None = None

    def resolve(self, now: datetime, base: datetime | None = None) -> datetime:
        """The local date and time. What the person left out is taken from `base`, if given."""
        if self.day is not None:
            return datetime.combine(self.day, self.clock or (base.time() if base else END_OF_DAY))
        at = self.clock or END_OF_DAY
        if base is not None:
            return datetime.combine(base.date(), at)
        today = datetime.combine(now.date(), at)
        return today if today > now else today + timedelta(days=1)


type _ReadDay = Callable[[re.Match[str], date], date | None]
type _ReadTime = Callable[[re.Match[str]], time | None]


def find_moment(text: str, now: datetime) -> tuple[Moment | None, str]:
    """The moment that `text` names, if any, and the text without it. `now` is local and naive."""
    day: date | None = None
    at: time | None = None
    for pattern, read in _SPANS:
        if found := re.search(pattern, text, re.IGNORECASE):
            moment = read(found, now)
            return Moment(moment.date(), moment.time()), _without(text, found)
    for pattern, read_day in _DAYS:
        if (found := re.search(pattern, text, re.IGNORECASE)) and (
            day := read_day(found, now.date())
        ) is not None:
            text = _without(text, found)
            break
    for pattern, read_time in _TIMES:
        if (found := re.search(pattern, text, re.IGNORECASE)) and (
            at := read_time(found)
        ) is not None:
            text = _without(text, found)
            break
    return (Moment(day, at) if day or at else None), text


def find_shift(text: str) -> timedelta | None:
    """The interval in a phrase such as "by two days"."""
    found = re.search(rf"\bby ({_NUMBER}) {_UNIT}\b", text, re.IGNORECASE)
    return _span(found) if found else None


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()].rstrip(' ,')} {text[found.end() :].lstrip(' ,')}".strip()


def _span(found: re.Match[str]) -> timedelta:
    amount = found[1].lower()
    count = _NUMBERS[amount] if amount in _NUMBERS else int(amount)
    match found[2].lower():
        case "minute" | "min":
            return timedelta(minutes=count)
        case "hour" | "hr":
            return timedelta(hours=count)
        case "week":
            return timedelta(weeks=count)
        case "month":
            return timedelta(days=30 * count)
        case "year":
            return timedelta(days=365 * count)
        case _:
            return timedelta(days=count)


def _after(found: re.Match[str], now: datetime) -> datetime:
    return (now + _span(found)).replace(second=0, microsecond=0)


def _days_after(found: re.Match[str], today: date) -> date:
    return today + _span(found)


def _weekday(found: re.Match[str], today: date) -> date:
    """The next such weekday. "This" may mean today, "next" means the next calendar week."""
    which = (found[1] or "").lower()
    wanted = next(i for i, name in enumerate(WEEKDAYS) if name.startswith(found[2].lower()[:3]))
    ahead = (wanted - today.weekday()) % 7
    if which == "next":
        return today + timedelta(days=7 - today.weekday() + wanted)
    return today + timedelta(days=ahead if ahead or which == "this" else 7)


def _calendar_day(year: str | None, month: int, day: int, today: date) -> date | None:
    try:
        if year:
            return date(int(year), month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _month(name: str) -> int:
    return next(i for i, month in enumerate(MONTHS, 1) if month.startswith(name.lower()[:3]))


def _day_of_month(found: re.Match[str], today: date) -> date | None:
    first = today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    for month in (first, following):
        day = _calendar_day(str(month.year), month.month, int(found[1]), today)
        if day is not None and day >= today:
            return day
    return None


def _clock(found: re.Match[str]) -> time | None:
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[3] or "").lower().replace(".", "")
    if half and 1 <= hour <= _NOON:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    elif not found[2] and 1 <= hour < _FIRST_MORNING_HOUR:
        hour += _NOON
    try:
        return time(hour, minute)
    except ValueError:
        return None


def _half_past(found: re.Match[str]) -> time | None:
    at = _clock(found)
    return at.replace(minute=30) if at else None


_SPANS = (
    (rf"{_LEAD}\bin ({_NUMBER}) (minute|min|hour|hr)s?\b", _after),
    (rf"{_LEAD}\b({_NUMBER}) (minute|min|hour|hr)s? from now\b", _after),
)
_DAYS: tuple[tuple[str, _ReadDay], ...] = (
    (rf"{_LEAD}\bday after tomorrow\b", lambda _, today: today + timedelta(days=2)),
    (rf"{_LEAD}\btomorrow\b", lambda _, today: today + timedelta(days=1)),
    (rf"{_LEAD}\b(?:end of (?:the )?day|today)\b", lambda _, today: today),
    (r"\b(?=(?:tonight|this (?:morning|afternoon|evening))\b)", lambda _, today: today),
    (rf"{_LEAD}\bin ({_NUMBER}) {_UNIT}\b", _days_after),
    (rf"{_LEAD}\b({_NUMBER}) {_UNIT} from (?:now|today)\b", _days_after),
    (
        rf"{_LEAD}\b(\d{{4}})-(\d\d?)-(\d\d?)(?:T(?=\d))?",
        lambda found, today: _calendar_day(found[1], int(found[2]), int(found[3]), today),
    ),
    (
        rf"{_LEAD}\b(\d\d?)(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (\d{{4}}))?\b",
        lambda found, today: _calendar_day(found[3], _month(found[2]), int(found[1]), today),
    ),
    (
        rf"{_LEAD}\b{_MONTH} (?:the )?(\d\d?)(?:st|nd|rd|th)?(?:,? (\d{{4}}))?\b(?!:|\s*[ap]m)",
        lambda found, today: _calendar_day(found[3], _month(found[1]), int(found[2]), today),
    ),
    (
        rf"{_LEAD}\b(\d\d?)\.(\d\d?)\.(\d{{4}})?(?!\d)",
        lambda found, today: _calendar_day(found[3], int(found[2]), int(found[1]), today),
    ),
    (rf"{_LEAD}\b(\d\d?)(?:st|nd|rd|th)\b", _day_of_month),
    (rf"{_LEAD}\b(?:(this|next|coming) )?{_WEEKDAY}\b", _weekday),
    (rf"\b(?:on|by|before|until|till|(this|next|coming)) {_SHORT_WEEKDAY}\b", _weekday),
    (
        rf"{_LEAD}\b(?:this |the )?weekend\b",
        lambda _, today: today + timedelta(days=max(5 - today.weekday(), 0)),
    ),
    (
        rf"{_LEAD}\bend of (?:the |this )?week\b",
        lambda _, today: today + timedelta(days=6 - today.weekday()),
    ),
    (rf"{_LEAD}\bnext week\b", lambda _, today: today + timedelta(days=7 - today.weekday())),
    (
        rf"{_LEAD}\bnext month\b",
        lambda _, today: (today.replace(day=1) + timedelta(days=32)).replace(day=1),
    ),
    (
        rf"{_LEAD}\bend of (?:the |this )?month\b",
        lambda _, today: (
            (today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        ),
    ),
)
_TIMES: tuple[tuple[str, _ReadTime], ...] = (
    (rf"{_LEAD}\b(?:noon|midday)\b", lambda _: time(12)),
    (rf"{_LEAD}\bmidnight\b", lambda _: END_OF_DAY),
    (rf"{_LEAD}\bhalf past (\d\d?)(\b)( ?[ap]\.?m\.?)?", _half_past),
    (rf"{_LEAD}(?:around |about )?\b(\d\d?)(?::(\d\d))? ?([ap]\.?m\b\.?)", _clock),
    (rf"{_LEAD}(?:around |about )?\b(\d\d?):(\d\d)(?::00)?(\b)", _clock),
    (r"\bat (?:around |about )?(\d\d?)()()(?: o'?clock)?\b(?! [a-z]+s\b)", _clock),
    (r"\btonight\b", lambda _: time(20)),
    (
        rf"(?:\b(?:in the|this) |^)({_PARTS})\b|\b({_PARTS})$",
        lambda found: time(_PARTS_OF_DAY[(found[1] or found[2]).lower()]),
    ),
)
