"""`POST /api/dev/token`: issues a token for any user name. It exists only on a local server."""

from datetime import timedelta

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from taskchat.clock import utc_now
from taskchat.errors import BadRequestError, InvalidFieldsError
from taskchat.settings import AuthSettings

LIFETIME = timedelta(hours=12)


class _TokenRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user: str = Field(min_length=1, max_length=64, pattern=r"^[\w.@+-]+$")


def sign_token(settings: AuthSettings, user: str) -> str:
    """Return a token for `user`, signed with the configured secret."""
    if settings.secret is None:
        raise ValueError("only a JWT_SECRET can sign tokens here")
    now = utc_now()
    claims = {
        "sub": user,
        "email": user if "@" in user else f"{user}@example.com",
        "iat": now,
        "exp": now + LIFETIME,
        **({"iss": settings.issuer} if settings.issuer else {}),
        **({"aud": settings.audience} if settings.audience else {}),
    }
    return jwt.encode(claims, settings.secret.get_secret_value(), algorithm="HS256")


class TokenEndpoint:
    """Signs tokens for the page's sign-in form, and for `curl`."""

    def __init__(self, settings: AuthSettings) -> None:
        self._settings = settings

    async def respond(self, request: Request) -> Response:
        """Body `{"user": "alice"}`, answer `{"access_token": …}`."""
        try:
            wanted = _TokenRequest.model_validate_json(await request.body())
        except ValidationError as error:
            if error.errors()[0]["type"] == "json_invalid":
                raise BadRequestError("The body is not JSON.") from None
            raise InvalidFieldsError(
                {"user": "1 to 64 letters, digits or any of . @ + - _"}
            ) from None
        return JSONResponse({"access_token": sign_token(self._settings, wanted.user)})
