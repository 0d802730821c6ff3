"""The evaluations, with the demo model as far as it goes, and how they judge."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from local.services import running_services
from taskchat.settings import AuthSettings
from tests.evaluations.cases import Case, TaskState, due_time, load_cases
from tests.evaluations.conversations import Place, Result, evaluate
from tests.evaluations.report import read_passed, table, write
from tests.support.chat import SECRET, chat_application

BERLIN = ZoneInfo("Europe/Berlin")
MILK: dict[str, Any] = {
    "title": "Buy milk",
    "description": None,
    "priority": "medium",
    "tags": [],
    "due_at": None,
    "completed_at": None,
}


def case(**fields: Any) -> Case:
    return Case.model_validate({"category": "c", "name": "n", "says": ["x"], "tools": [], **fields})


async def test_the_demo_model_passes_what_it_is_said_to_be_able_to(database_url: str) -> None:
    cases = [case for case in load_cases() if case.demo]
    limits = {"MESSAGES_PER_MINUTE": "1000", "MESSAGES_PER_DAY": "10000"}
    settings = {"DATABASE_URL": database_url, "JWT_SECRET": SECRET, "PATH": os.environ["PATH"]}
    async with (
        running_services({**settings, **limits}) as environment,
        chat_application(environment) as url,
    ):
        place = Place(url, database_url, AuthSettings.from_environment(environment))
        results = await evaluate(cases, place)

    assert len(cases) >= 30
    assert [result for result in results if result.problems] == []


def test_there_are_sixty_conversations_of_every_kind() -> None:
    cases = load_cases()
    assert len(cases) >= 60
    assert len({case.title for case in cases}) == len(cases)
    tools = frozenset[str]().union(*(case.tools for case in cases))
    assert len(tools) == 7


def test_a_task_too_many_too_few_or_different_is_a_problem() -> None:
    expects_milk = case(after=[{"title": "milk", "due": None}])
    assert expects_milk.problems([MILK], frozenset()) == []
    assert expects_milk.problems([], frozenset()) != []
    assert expects_milk.problems([MILK, MILK], frozenset()) != []
    due = MILK | {"due_at": "2030-01-01T10:00:00Z"}
    assert expects_milk.problems([due], frozenset()) != []


def test_what_is_not_said_to_change_has_to_stay() -> None:
    unchanged = case(before=[{"title": "milk"}])
    assert unchanged.problems([MILK], frozenset()) == []
    assert unchanged.problems([], frozenset()) != []


def test_tools_not_called_and_tools_called_beside_them_are_problems() -> None:
    listing = case(tools=["list_tasks"])
    assert listing.problems([], frozenset()) == ["not called: list_tasks"]
    called = frozenset({"list_tasks", "delete_task"})
    assert listing.problems([], called) == ["called: delete_task"]


def test_times_are_meant_in_the_persons_zone() -> None:
    now = datetime.now(BERLIN)
    tomorrow = due_time("tomorrow 17:00", BERLIN)
    assert tomorrow is not None
    assert tomorrow.date() == now.date() + timedelta(days=1)
    assert tomorrow.astimezone(BERLIN).hour == 17
    sunday = due_time("sunday 10:00", BERLIN)
    assert sunday is not None
    assert sunday.weekday() == 6
    assert timedelta() < sunday.date() - now.date() <= timedelta(days=7)
    state = TaskState(title="milk", due="tomorrow 17:00")
    assert state.is_met_by(MILK | {"due_at": tomorrow.isoformat()}, BERLIN)


def test_a_report_tells_what_is_better_and_worse_than_the_last_time(tmp_path: Path) -> None:
    good, bad = case(name="good"), case(name="bad")
    path = tmp_path / "model.json"
    assert read_passed(path) is None
    write(path, "model", [Result(good, ()), Result(bad, ("x",))])

    shown = table([Result(good, ("y",)), Result(bad, ())], read_passed(path))

    assert "better than the last time\n  - c: bad" in shown
    assert "worse than the last time\n  - c: good" in shown
