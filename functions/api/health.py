"""Whether the service runs, and whether it can serve."""

from fastapi import FastAPI

from taskchat.database import Database


def add_routes(app: FastAPI, database: Database) -> None:
    """GET /healthz, which asks nothing of anybody, and GET /readyz, which asks the database."""

    @app.get("/healthz")
    async def get_health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    async def get_readiness() -> dict[str, str]:
        async with database.transaction() as connection:
            await connection.execute("select 1")
        return {"status": "ok"}
