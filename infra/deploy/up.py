"""`make deploy`: brings an environment to a working deployment, whatever state it is in."""

import json
import tempfile
from pathlib import Path

from infra.deploy.account import check_concurrency, check_networks
from infra.deploy.artifacts import Artifacts, run
from infra.deploy.deployment import APPLICATION, ARTIFACTS, DATA, ROOT, WAF, Deployment
from infra.deploy.inputs import ModelKey, ask_first_user, invite
from infra.deploy.page import invalidate, upload_page
from infra.deploy.progress import Progress, Step
from infra.deploy.releases import mark_releases
from infra.deploy.reservations import RESERVATIONS
from infra.deploy.stacks import Stack


def deploy(deployment: Deployment, architecture: str, progress: Progress) -> str:
    """Deploy everything, in order; returns the address. Raises `DeployError`.

    Each step first checks what exists, so calling this again continues an interrupted run.
    """
    return _Run(deployment, architecture, progress).all()


class _Run:
    """One run: its steps, and the values that they pass on."""

    def __init__(self, deployment: Deployment, architecture: str, progress: Progress) -> None:
        self._deployment = deployment
        self._account = deployment.account
        self._architecture = deployment.overrides.get("Architecture", architecture)
        self._progress = progress
        self._known: dict[str, str] = {"Architecture": self._architecture}
        """Outputs of the stacks so far, and the program's own values for parameters."""

    def all(self) -> str:
        deployment, progress = self._deployment, self._progress
        with progress.step("account") as step:
            deployment.check_parameters()
            identity = self._account.identity
            step.summary = f"{identity.account} in {identity.region}"
        with progress.step("quotas") as step:
            step.summary = self._check_quotas()
        first_user = self._ask()
        with tempfile.TemporaryDirectory() as folder:
            self._deploy_stacks(Path(folder))
        self._upload_page()
        self._invite(first_user)
        return self._known.get("PageUrl") or self._known["ApiUrl"]

    # --- before ---------------------------------------------------------------------------------

    def _check_quotas(self) -> str:
        deployment = self._deployment
        wanted = sum(max(0, int(deployment.parameter(key))) for key in RESERVATIONS)
        before = deployment.application.parameters()
        ours = sum(max(0, int(before.get(key, "-1"))) for key in RESERVATIONS)
        said = [check_concurrency(self._account, wanted, ours)]
        if DATA.exists() and not deployment.data.status():
            said.append(check_networks(self._account))
        return ", ".join(said)

    def _ask(self) -> str:
        """Ask for all missing input, before the first long wait."""
        deployment = self._deployment
        with self._progress.step("model's key") as step:
            secrets = self._account.client("secretsmanager")
            key = ModelKey(secrets, deployment.environment.stack, dict(deployment.environment.tags))
            self._known["GeminiApiKeySecretArn"] = key.ensure()
            self._known["GeminiApiKeySecretVersion"] = key.version()
            step.summary = "in Secrets Manager"
        if not DATA.exists():
            return ""
        pool = deployment.data.outputs().get("UserPoolId", "")
        return ask_first_user(self._account.client("cognito-idp"), pool)

    # --- the stacks -----------------------------------------------------------------------------

    def _deploy_stacks(self, folder: Path) -> None:
        deployment, progress = self._deployment, self._progress
        with progress.step("bucket for uploads") as step:
            source = ARTIFACTS.read_text(encoding="utf-8")
            self._bring(deployment.artifacts, ARTIFACTS, source, step)
            bucket = self._known["BucketName"]
            step.summary = bucket
        region = self._account.identity.region
        artifacts = Artifacts(self._account.client("s3"), bucket, region, folder)

        # From the second deployment on, the sign-in uses outputs of the edge, which comes later.
        self._known |= deployment.application.outputs()
        data = ""
        if DATA.exists():
            with progress.step("network, database, sign-in") as step:
                data = artifacts.upload(artifacts.package(DATA, "data"))
                self._bring(deployment.data, DATA, data, step)
        if WAF.exists() and deployment.parameter("Edge") == "on":
            with progress.step("firewall of the edge") as step:
                template = artifacts.upload(artifacts.package(WAF, "waf"))
                self._bring(deployment.waf, WAF, template, step)
        with progress.step("functions built") as step:
            build = self._build()
            step.summary = self._architecture
        with progress.step("code uploaded") as step:
            packaged = artifacts.package(build, "application")
            self._mark_releases(packaged)
            template = artifacts.upload(packaged)
        with progress.step("application") as step:
            self._bring(deployment.application, APPLICATION, template, step)
        if not data:
            return
        with progress.step("sign-in and protection") as step:
            # Only now: the failed first creation of a protected stack cannot be rolled back.
            self._known["DeletionProtection"] = "on"
            self._bring(deployment.data, DATA, data, step)

    def _bring(self, stack: Stack, source: Path, template: str, step: Step) -> None:
        target = self._deployment.target(source, template, self._known)
        changed = stack.deploy(target, step)
        step.summary = step.summary or ("" if changed else "as it was")
        self._known |= stack.outputs()

    def _mark_releases(self, packaged: Path) -> None:
        stack = self._deployment.application
        target = self._deployment.target(APPLICATION, "", self._known)
        template = json.loads(packaged.read_text(encoding="utf-8"))
        mark_releases(template, {**stack.parameters(), **target.parameters})
        packaged.write_text(json.dumps(template), encoding="utf-8")

    def _build(self) -> Path:
        template = f".aws-sam/{self._architecture}/build/template.json"
        run(["make", "--no-print-directory", template], cwd=ROOT)
        return ROOT / template

    # --- after ----------------------------------------------------------------------------------

    def _upload_page(self) -> None:
        bucket = self._known.get("PageBucketName")
        if not bucket:
            return
        with self._progress.step("page") as step:
            run(["make", "--no-print-directory", "frontend-build"], cwd=ROOT)
            provider = {
                "issuer": self._known["JwtIssuer"],
                "client_id": self._known["UserPoolClientId"],
            }
            s3 = self._account.client("s3")
            count = upload_page(s3, bucket, ROOT / "frontend" / "dist", {"oidc": provider})
            if count:
                invalidate(self._account.client("cloudfront"), self._known["DistributionId"])
            step.summary = f"{count} files" if count else "as it was"

    def _invite(self, email: str) -> None:
        pool = self._known.get("UserPoolId")
        if not email or not pool:
            return
        with self._progress.step("first user") as step:
            invite(self._account.client("cognito-idp"), pool, email)
            step.summary = f"{email}, invited by e-mail"
