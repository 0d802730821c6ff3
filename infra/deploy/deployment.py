"""The stacks of one environment, and the values passed between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from infra.deploy.account import EDGE_REGION, Account
from infra.deploy.environments import Environment
from infra.deploy.errors import DeployError
from infra.deploy.stacks import Stack
from infra.deploy.target import Target
from infra.deploy.templates import declared_parameters

ROOT = Path(__file__).parents[2]

ARTIFACTS = ROOT / "infra" / "artifacts.yaml"
DATA = ROOT / "infra" / "data.yaml"
WAF = ROOT / "infra" / "waf.yaml"
APPLICATION = ROOT / "template.yaml"
# Operators may remove `data.yaml` or `waf.yaml` and use their own network, database, sign-in or
# firewall instead. The parameters then say where those are.


@dataclass(frozen=True)
class Deployment:
    """One environment in one account. `overrides` win over the environment's parameters."""

    environment: Environment
    account: Account
    overrides: Mapping[str, str]
    """From `PARAMETERS`. They win over all other values."""

    @cached_property
    def artifacts(self) -> Stack:
        """The bucket for code and templates."""
        return self._stack("-artifacts")

    @cached_property
    def data(self) -> Stack:
        """Network, database and sign-in."""
        return self._stack("-data")

    @cached_property
    def waf(self) -> Stack:
        """CloudFront's firewall, in the region in which it must be."""
        return self._stack("-waf", EDGE_REGION)

    @cached_property
    def application(self) -> Stack:
        """Functions, edge, alarms."""
        return self._stack("")

    def check_parameters(self) -> None:
        """Raise `DeployError` for a parameter that no template declares."""
        templates = [path for path in (DATA, WAF, APPLICATION) if path.exists()]
        known = {name for path in templates for name in declared_parameters(path)}
        for key in (*self.overrides, *self.environment.parameters):
            if key not in known:
                raise DeployError(f"No template has a parameter {key}.", _similar(key, known))

    def parameter(self, key: str) -> str:
        """Return the future value of an application parameter; empty if there is none."""
        given = {
            **declared_parameters(APPLICATION),
            **self.application.parameters(),
            **self.environment.parameters,
            **self.overrides,
        }
        return given.get(key, "")

    def target(self, source: Path, template: str, handed_on: Mapping[str, str]) -> Target:
        """Return the target state of a stack. `handed_on` holds other stacks' outputs for the
        parameters of the same names; `template` is the URL or text of the packaged source."""
        declared = declared_parameters(source)
        values = {**self.environment.parameters, **handed_on, **self.overrides}
        return Target(
            template=template,
            declared=frozenset(declared),
            parameters={key: value for key, value in values.items() if key in declared},
            tags=self.environment.tags,
        )

    def _stack(self, suffix: str, region: str | None = None) -> Stack:
        return Stack(
            self.account.cloudformation(region),
            self.environment.stack + suffix,
            ask_before_changes=self.environment.ask_before_changes,
        )


def _similar(key: str, known: set[str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(key, known, n=3)
    return (
        f"Did you mean {' or '.join(found)}?" if found else f"There are {', '.join(sorted(known))}."
    )
