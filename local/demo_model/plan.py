"""Plans the model's next step: tool calls, or the answer after the tool calls.

A step is one response of the model. The first step makes all calls that are possible at once, and
looks up tasks that are only known by their title. The second step changes the tasks that were
looked up, or asks which task is meant. The last step is the answer in words. Each step is planned
again from the messages alone.
"""

from dataclasses import dataclass, field
from datetime import datetime

from local.demo_model.calls import Call, change_call, create_call, lookup
from local.demo_model.choice import ask_which, chosen_task, question_of
from local.demo_model.conversation import Conversation, Executed, Memory, Task
from local.demo_model.grammar import understand
from local.demo_model.intents import (
    Bulk,
    Change,
    Complete,
    Create,
    Delete,
    Find,
    Intent,
    Talk,
    Target,
    Update,
)
from local.demo_model.matching import find_by_title

_MOST_AT_ONCE = 5
"""More tasks than this are not changed one by one. The bulk tools are for that."""


@dataclass(frozen=True)
class Outcome:
    """A call that was made, with its result."""

    call: Call
    result: Executed


@dataclass(frozen=True)
class Unclear:
    """A change for which the task is unclear: there are several candidates, or none."""

    target: Target
    candidates: list[Task]


@dataclass(frozen=True)
class Plan:
    """The calls of the next step or, without calls, the content of the answer."""

    calls: list[Call] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    unclear: list[Unclear] = field(default_factory=list)
    talk: str = ""


def plan(conversation: Conversation) -> Plan:
    """The next step of this turn."""
    now = conversation.now
    intents = _merged(understand(conversation.question, now.replace(tzinfo=None)))
    first = _first_step(intents, conversation.before, now)
    steps = conversation.steps
    talk = next((intent.text for intent in intents if isinstance(intent, Talk)), "")
    if not steps:
        return Plan(calls=first, talk=talk)
    if question := question_of(conversation):
        return _after_question(intents, question, conversation)

    outcomes = [Outcome(call, result) for call, result in zip(first, steps[0], strict=False)]
    second, unclear = _second_step(intents, outcomes, conversation)
    if len(steps) == 1 and not second:
        second = _question(intents, unclear)
    if len(steps) == 1 and second:
        return Plan(calls=second)
    if len(steps) > 1:
        outcomes += [Outcome(call, result) for call, result in zip(second, steps[1], strict=False)]
    done = [outcome for outcome in outcomes if not outcome.call.is_lookup]
    return Plan(outcomes=done, unclear=unclear, talk=talk)


def _question(intents: list[Intent], unclear: list[Unclear]) -> list[Call]:
    """Ask which task is meant, if that is all there is to do."""
    match intents, unclear:
        case [Complete() | Update() | Delete() as intent], [Unclear(candidates=candidates)]:
            call = ask_which(intent, candidates)
            return [call] if call else []
        case _:
            return []


def _after_question(intents: list[Intent], question: Executed, conversation: Conversation) -> Plan:
    """Make the change to the task that the person chose."""
    intent = next(i for i in intents if isinstance(i, Complete | Update | Delete))
    task = chosen_task(question, conversation)
    if task is None:
        return Plan(talk="All right, I have changed nothing.")
    call = change_call(intent, task, conversation.now)
    done = [result for step in conversation.steps for result in step if result.name == call.name]
    return Plan(outcomes=[Outcome(call, done[-1])]) if done else Plan(calls=[call])


def _merged(intents: list[Intent]) -> list[Intent]:
    """Merges adjacent updates of one task: "make it urgent and move it to Friday"."""
    merged: list[Intent] = []
    for intent in intents:
        last = merged[-1] if merged else None
        if isinstance(intent, Update) and isinstance(last, Update) and last.target == intent.target:
            merged[-1] = Update(
                intent.target,
                last.changes | intent.changes,
                due=intent.due or last.due,
                shift=intent.shift or last.shift,
                add_tags=last.add_tags + intent.add_tags,
            )
        else:
            merged.append(intent)
    return merged


def _first_step(intents: list[Intent], memory: Memory, now: datetime) -> list[Call]:
    calls: list[Call] = []
    for place, intent in enumerate(intents):
        match intent:
            case Create():
                calls.append(create_call(intent, now))
            case Find():
                calls.append(Call("list_tasks", intent.filters, intent))
            case Bulk():
                calls.append(Call(intent.tool, intent.filters, intent))
            case Complete() | Update() | Delete():
                if _means_a_new_task(intents, place):
                    continue
                tasks = _resolve(intent, memory)
                calls += (
                    [change_call(intent, task, now) for task in tasks]
                    if tasks
                    else [lookup(intent)]
                )
    return calls


def _means_a_new_task(intents: list[Intent], place: int) -> bool:
    """Whether the task is only created in this turn: "Add a task to call mom and mark it done".

    Such a task has no id yet.
    """
    intent = intents[place]
    return (
        isinstance(intent, Complete | Update | Delete)
        and intent.target.kind in {"last", "several"}
        and any(isinstance(earlier, Create) for earlier in intents[:place])
    )


def _second_step(
    intents: list[Intent], outcomes: list[Outcome], conversation: Conversation
) -> tuple[list[Call], list[Unclear]]:
    calls: list[Call] = []
    unclear: list[Unclear] = []
    made = Memory()
    made.take([[outcome.result for outcome in outcomes if isinstance(outcome.call.intent, Create)]])
    for place, intent in enumerate(intents):
        if not isinstance(intent, Complete | Update | Delete):
            continue
        looked_up = Memory()
        lookups = [o.result for o in outcomes if o.call.is_lookup and o.call.intent is intent]
        looked_up.take([lookups])
        is_sure = False
        if _means_a_new_task(intents, place):
            candidates, is_sure = _resolve(intent, made), True
        elif lookups:
            candidates = _found(intent, looked_up)
        else:
            continue
        if len(candidates) == 1 or (candidates and is_sure):
            calls += [change_call(intent, task, conversation.now) for task in candidates]
        else:
            unclear.append(Unclear(intent.target, candidates))
    return calls, unclear


def _resolve(intent: Change, memory: Memory) -> list[Task]:
    """The tasks that are meant, among those already mentioned. None if that is unclear."""
    target = intent.target
    match target.kind:
        case "last":
            return list(memory.tasks.values())[-1:]
        case "several":
            batch = [memory.tasks[key] for key in memory.last_batch if key in memory.tasks]
            return batch if len(batch) <= _MOST_AT_ONCE else []
        case "place":
            ids = memory.last_list or memory.last_batch
            key = ids[target.place - 1] if 0 < target.place <= len(ids) else ""
            return [memory.tasks[key]] if key in memory.tasks else []
        case "title":
            found = _in_suitable_state(intent, find_by_title(target.title, memory.tasks.values()))
            return found if len(found) == 1 else []


def _found(intent: Change, looked_up: Memory) -> list[Task]:
    tasks = [looked_up.tasks[key] for key in looked_up.last_list if key in looked_up.tasks]
    if intent.target.kind == "title":
        tasks = find_by_title(intent.target.title, tasks)
    elif intent.target.kind == "place":
        tasks = tasks[intent.target.place - 1 :][:1]
    return _in_suitable_state(intent, tasks)


def _in_suitable_state(intent: Change, tasks: list[Task]) -> list[Task]:
    """The tasks for which the change makes sense (done ones to reopen, or else open ones).

    If there are none, all tasks.
    """
    wants_done = isinstance(intent, Complete) and not intent.completed
    suitable = [task for task in tasks if bool(task.get("completed_at")) == wants_done]
    return suitable or tasks
