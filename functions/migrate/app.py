"""Applies migrations, as a CloudFormation custom resource or by hand.

By hand, the event is `{}` or `{"phase": "pre"}`. As a custom resource, the phase is the property
`Phase`, and the response is sent to the event's `ResponseURL` (the protocol of cfn-response).
"""

import asyncio
import os
from threading import Thread
from typing import Any

import httpx2
import psycopg
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import CloudFormationCustomResourceEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import TypeAdapter

from functions.observability import configure_logs
from taskchat.database import Database
from taskchat.database.migrations import NewerSchemaError, Phase, migrate
from taskchat.database.roles import grant_service_role
from taskchat.settings import DatabaseSettings, MigrationSettings

_RESERVE_SECONDS = 10.0
"""Time kept back to tell CloudFormation that the rest was not enough."""
_CLEAN_UP_SECONDS = 2.0
"""The part of it in which a migration that was cancelled may still end by itself."""


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """By hand, return `{"applied": [versions]}` or raise. Otherwise, return what was sent."""
    configure_logs()
    logger = Logger(service="migrate")
    if "RequestType" not in event:
        applied = _migrate(event.get("phase"), context)
        logger.info("migrated", applied=applied)
        return {"applied": applied}

    request = CloudFormationCustomResourceEvent(event)
    outcome: dict[str, Any] = {"Status": "SUCCESS"}
    try:
        if request.request_type != "Delete":
            outcome["Data"] = {
                "Applied": _migrate(request.resource_properties.get("Phase"), context)
            }
    except Exception as error:  # any error: without a response, CloudFormation waits for an hour
        logger.exception("migration failed")
        outcome = {"Status": "FAILED", "Reason": _reason(error)[:1000]}
    if os.environ.get("AWS_SAM_LOCAL") == "true":
        logger.info("no response sent: the event is an example", outcome=outcome)
    else:
        _answer(request, outcome)
    return outcome


def _reason(error: Exception) -> str:
    """The error, with the server's message about the statement, for whoever deploys.

    A message that did not come from the server is left out: it may contain the password.
    """
    reason = f"{type(error).__name__}: {error}"
    cause = error.__cause__
    if isinstance(cause, psycopg.Error) and cause.sqlstate:
        reason += f" ({cause})"
    return reason


def _migrate(phase: object, context: LambdaContext) -> list[int]:
    """Migrate in the time that is left, less the reserve. Raises `TimeoutError` after that.

    In a thread: the clean-up of a connection may wait for a server that no longer answers, and
    nobody should wait for the clean-up.
    """
    wanted: Phase | None = TypeAdapter(Phase | None).validate_python(phase)
    seconds = context.get_remaining_time_in_millis() / 1000 - _RESERVE_SECONDS
    loop = asyncio.new_event_loop()
    Thread(target=_run, args=(loop,), daemon=True).start()
    applied = asyncio.run_coroutine_threadsafe(_migrate_within(seconds, wanted), loop)
    applied.add_done_callback(lambda _: loop.call_soon_threadsafe(loop.stop))
    return applied.result(seconds + _CLEAN_UP_SECONDS)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _migrate_within(seconds: float, phase: Phase | None) -> list[int]:
    service_user = MigrationSettings.from_environment(os.environ).service_user
    database = Database(DatabaseSettings.from_environment(os.environ))
    await database.open()
    try:
        async with asyncio.timeout(seconds):
            applied = await _apply(database, phase)
            if service_user:
                await grant_service_role(database, service_user)
            return applied
    finally:
        await database.close()


async def _apply(database: Database, phase: Phase | None) -> list[int]:
    try:
        return await migrate(database, phase)
    except NewerSchemaError as error:
        # After a rollback, the old code works with the newer schema. To fail here would leave
        # CloudFormation unable to roll forward or back.
        Logger(service="migrate").warning("nothing to apply", reason=str(error))
        return []


def _answer(request: CloudFormationCustomResourceEvent, outcome: dict[str, Any]) -> None:
    answer = {
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_resource_id,
        "PhysicalResourceId": request.physical_resource_id or "schema",
        **outcome,
    }
    with httpx2.Client(transport=httpx2.HTTPTransport(retries=3), timeout=5) as client:
        client.put(
            request.response_url, json=answer, headers={"content-type": ""}
        ).raise_for_status()
