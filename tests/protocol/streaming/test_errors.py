"""What goes wrong in the application, and how Lambda and the client hear of it."""

import pytest

from tests.support.lambda_runtime import RuntimeProcess, function_url_event
from tests.support.runtime_api import RuntimeApi, Script


async def serves(api: RuntimeApi) -> bool:
    """Whether the runtime still answers events."""
    return (await api.offer(function_url_event("/hello")).answered()).payload == b"hello"


async def test_an_error_before_the_first_byte_is_reported_in_place_of_a_response(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    invocation = api.offer(function_url_event("/raise-before"))
    answer = await invocation.answered()
    assert answer.path.endswith(f"/invocation/{invocation.request_id}/error")
    assert answer.headers["Lambda-Runtime-Function-Error-Type"] == "Function.AppError"
    report = answer.json()
    assert list(report) == ["errorType", "errorMessage", "stackTrace"]
    assert report["errorType"] == "AppError"
    assert report["errorMessage"] == "before the first byte"
    assert "in raise_before" in report["stackTrace"][-1]
    await runtime.printed("AppError: before the first byte")
    assert await serves(api)


async def test_an_error_after_the_first_byte_ends_the_body_with_trailers(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/raise-after")).answered()
    assert answer.path.endswith("/response")
    assert answer.whole
    assert answer.payload == b"some"
    assert set(answer.trailers) == {
        "Lambda-Runtime-Function-Error-Type",
        "Lambda-Runtime-Function-Error-Body",
    }
    assert answer.trailers["Lambda-Runtime-Function-Error-Type"] == "Function.AppError"
    assert answer.trailing_error["errorType"] == "AppError"
    assert answer.trailing_error["errorMessage"].startswith("no luck")
    assert any("in raise_after" in frame for frame in answer.trailing_error["stackTrace"])
    assert await serves(api)


async def test_trailers_fit_into_the_four_kilobytes_that_the_runtime_api_reads(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/raise-after", query="300")).answered()
    section = bytes(answer.raw).partition(b"\r\n0\r\n")[2]
    assert 2000 < len(section) < 4096
    assert "in fail_deep" in answer.trailing_error["stackTrace"][-1]


async def test_an_error_after_the_last_byte_is_logged_and_the_response_stays(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/raise-at-end")).answered()
    assert answer.prelude["statusCode"] == 500
    assert answer.payload == b"sorry"
    assert answer.trailers == {}
    await runtime.printed("AppError: after the last byte")
    assert await serves(api)


async def test_an_application_that_cancels_itself_is_an_error(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/cancel-self")).answered()
    assert answer.json()["errorType"] == "CancelledError"
    assert await serves(api)


@pytest.mark.parametrize(
    ("messages", "error_type", "reported_by"),
    [
        ("", "KeyError", "error"),
        ("more", "Runtime.UnexpectedMessage", "error"),
        ("start", "Runtime.NoResponse", "error"),
        ("start,start", "Runtime.UnexpectedMessage", "error"),
        ("start,trailers", "Runtime.UnexpectedMessage", "error"),
        ("trailers", "Runtime.UnexpectedMessage", "error"),
        ("injection", "Runtime.InvalidResponse", "error"),
        ("name", "Runtime.InvalidResponse", "error"),
        ("status", "Runtime.InvalidResponse", "error"),
        ("start,more", "Runtime.IncompleteResponse", "trailers"),
        ("start,more,start", "Runtime.UnexpectedMessage", "trailers"),
        ("start,last,more", "Runtime.UnexpectedMessage", "log"),
        ("start,more,last,last", "Runtime.UnexpectedMessage", "log"),
    ],
)
async def test_each_wrong_turn_of_an_application_has_its_answer(
    api: RuntimeApi,
    runtime: RuntimeProcess,
    messages: str,
    error_type: str,
    reported_by: str,
) -> None:
    answer = await api.offer(function_url_event("/bad", query=messages)).answered()
    match reported_by:
        case "error":
            assert answer.path.endswith("/error")
            assert answer.json()["errorType"] == error_type
        case "trailers":
            assert answer.payload == b"data"
            assert answer.trailers["Lambda-Runtime-Function-Error-Type"] == error_type
        case "log":
            assert answer.trailers == {}
            assert answer.payload.endswith(b"end")
            await runtime.printed("The application failed after its response")
    assert await serves(api)


async def test_an_application_that_never_answers_is_a_504_before_lambda_cuts(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    invocation = api.offer(function_url_event("/never"), seconds=3)
    answer = await invocation.answered()
    assert answer.ended < invocation.fetched + 3
    assert answer.prelude["statusCode"] == 504
    assert b"ran out of time" in answer.payload
    error_type = answer.trailers["Lambda-Runtime-Function-Error-Type"]
    assert error_type == "Runtime.DeadlineExceeded"
    await runtime.printed("cancelled")
    assert await serves(api)


async def test_an_application_that_does_not_end_is_ended_with_trailers(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    invocation = api.offer(function_url_event("/chunks", query="100,0.1"), seconds=3)
    answer = await invocation.answered()
    assert answer.ended < invocation.fetched + 3
    assert answer.whole
    assert answer.payload.startswith(b"0:")
    assert answer.trailing_error["errorType"] == "Runtime.DeadlineExceeded"
    assert await serves(api)


async def test_an_application_that_will_not_be_cancelled_does_not_hold_up_the_next_event(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    answer = await api.offer(function_url_event("/stuck"), seconds=1).answered()
    assert answer.payload == b"some"
    assert await serves(api)
    assert "send raised ResponseRefusedError" in runtime.text


@pytest.mark.parametrize("status", [400, 403, 413])
async def test_a_response_refused_half_way_is_a_disconnect_to_the_application(
    api: RuntimeApi, runtime: RuntimeProcess, status: int
) -> None:
    script = Script(status=status, refuse_after=1500)
    await api.offer(function_url_event("/disconnect", query="10"), script=script).answered()
    await runtime.printed("send raised ResponseRefusedError")
    await runtime.printed("receive gave http.disconnect")
    await runtime.printed(f"The Runtime API refused a /response: {status} ")
    assert await serves(api)
    assert api.connections == 2


@pytest.mark.parametrize("status", [400, 413])
@pytest.mark.parametrize("path", ["/hello", "/raise-before"])
async def test_an_answer_refused_at_its_end_is_logged(
    api: RuntimeApi, runtime: RuntimeProcess, path: str, status: int
) -> None:
    await api.offer(function_url_event(path), script=Script(status=status)).answered()
    await runtime.printed(f": {status} ")
    assert await serves(api)


async def test_a_connection_lost_half_way_is_a_disconnect_and_made_anew(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    api.offer(function_url_event("/disconnect", query="10"), script=Script(drop_after=2500))
    await runtime.printed("send raised ResponseRefusedError")
    await runtime.printed("The response was lost")
    assert await serves(api)
    assert api.connections == 2


@pytest.mark.parametrize("path", ["/hello", "/raise-before"])
async def test_an_environment_ends_when_the_runtime_api_fails_on_an_answer(
    api: RuntimeApi, runtime: RuntimeProcess, path: str
) -> None:
    await api.offer(function_url_event(path), script=Script(status=500)).answered()
    assert await runtime.exit_code() == 1
    assert "500" in runtime.text
    assert len(api.of_path("/next")) == 1


async def test_a_body_is_truncated_only_where_the_process_dies(
    api: RuntimeApi, runtime: RuntimeProcess
) -> None:
    """Without its last chunk it is Lambda's ``Runtime.TruncatedResponse``: never a whole answer."""
    invocation = api.offer(function_url_event("/chunks", query="100,0.05"))
    await invocation.begun.wait()
    await runtime.kill()
    assert invocation.request is not None
    assert not invocation.request.whole
    assert not bytes(invocation.request.raw).endswith(b"0\r\n\r\n")
