"""Starts an environment: the steps of Lambda's INIT phase."""

import asyncio
import logging
import sys
from collections.abc import Callable, MutableMapping

from lambda_streaming.application import load_application
from lambda_streaming.asgi import Application
from lambda_streaming.errors import ErrorReport, RuntimeApiError, StartupError
from lambda_streaming.init_client import InitClient
from lambda_streaming.logs import configure_logging
from lambda_streaming.server import serve
from lambda_streaming.settings import RuntimeSettings
from lambda_streaming.snapstart import run_after_restore_hooks, run_before_snapshot_hooks

logger = logging.getLogger(__name__)

# The same exit codes as the managed runtime's.
_EXIT_ERROR = 1
_EXIT_BEFORE_SNAPSHOT = 64
_EXIT_AFTER_RESTORE = 65


def main(environ: MutableMapping[str, str]) -> int:
    """Run an environment until it ends, and return the exit code of the process.

    The application is imported and created before a snapshot is taken. The event loop, the
    connections and the application's lifespan start after the restore, because sockets and the
    monotonic clock do not survive it.
    """
    configure_logging(environ)
    try:
        settings = RuntimeSettings.from_environ(environ)
    except (KeyError, ValueError) as error:
        logger.critical("The environment is not Lambda's: %s", error)
        return _EXIT_ERROR
    if settings.task_root is not None and settings.task_root not in sys.path:
        sys.path.insert(0, settings.task_root)
    try:
        return _run(settings, InitClient(settings.runtime_api))
    except RuntimeApiError as error:
        logger.critical("The environment ends: %s", error)
        return _EXIT_ERROR


def _run(settings: RuntimeSettings, init: InitClient) -> int:
    try:
        application = load_application(settings.handler)
    except Exception as error:  # noqa: BLE001 - whatever the application's code raises at import
        return _give_up(error, ErrorReport.of(error), init.post_init_error, _EXIT_ERROR)
    if settings.snap_start:
        return _run_from_snapshot(settings, application, init)
    try:
        asyncio.run(serve(settings, application))
    except StartupError as error:
        return _give_up(error, ErrorReport.of(error), init.post_init_error, _EXIT_ERROR)
    return 0


def _run_from_snapshot(
    settings: RuntimeSettings,
    application: Application,
    init: InitClient,
) -> int:
    try:
        run_before_snapshot_hooks()
    except Exception as error:  # noqa: BLE001 - whatever a hook raises
        report = ErrorReport.of(error, "Runtime.BeforeSnapshotError")
        return _give_up(error, report, init.post_init_error, _EXIT_BEFORE_SNAPSHOT)
    init.wait_for_restore()
    try:
        run_after_restore_hooks()
        asyncio.run(serve(settings, application))
    except RuntimeApiError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hook raises
        report = ErrorReport.of(error, "Runtime.AfterRestoreError")
        return _give_up(error, report, init.post_restore_error, _EXIT_AFTER_RESTORE)
    return 0


def _give_up(
    error: Exception,
    report: ErrorReport,
    post: Callable[[ErrorReport], None],
    exit_code: int,
) -> int:
    logger.critical("The environment could not be started", exc_info=error)
    post(report)
    return exit_code
