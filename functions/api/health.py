"""Liveness and readiness: whether the service runs, and whether it can serve requests."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from functions.api.dependencies import Transaction

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def get_health() -> Health:
    """Depends on nothing else."""
    return Health()


@router.get("/readyz")
async def get_readiness(connection: Transaction) -> Health:
    """Queries the database."""
    await connection.execute("select 1")
    return Health()
