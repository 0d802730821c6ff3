"""How a group of settings is read from environment variables."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from taskchat.errors import SettingsError

Environment = Mapping[str, str]


class SettingsGroup(BaseModel):
    """Each field is read from the variable named `prefix` and the field's name, in upper case."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    prefix: ClassVar[str] = ""

    @classmethod
    def from_environment(cls, environment: Environment) -> Self:
        """Read the group; empty variables count as unset. Raises `SettingsError`."""
        names = {name: f"{cls.prefix}{name.upper()}" for name in cls.model_fields}
        values = {
            field: environment[variable].strip()
            for field, variable in names.items()
            if environment.get(variable, "").strip()
        }
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError(_first_problem(error, names)) from None


def _first_problem(error: ValidationError, names: Mapping[str, str]) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    variable = names[str(problem["loc"][0])]
    return f"{variable} is not set" if problem["type"] == "missing" else f"{variable}: {message}"
