"""The usual way: a FastAPI handler that inserts one row, commits, and enqueues with RQ. What `submit.py` compares with."""

from __future__ import annotations

import os
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from redis import Redis
from rq import Queue
from sqlalchemy import BigInteger, Identity, Text, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "minimal_jobs"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="queued")


class Ingest(BaseModel):
    url: str


app = FastAPI()
database = create_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg2"), pool_size=40
)
queue = Queue("minimal", connection=Redis.from_url(os.environ["REDIS_URL"]))


@app.post("/ingest", status_code=202)
def ingest(body: Ingest) -> dict[str, Any]:
    with Session(database) as session:
        row = Row(url=body.url)
        session.add(row)
        session.commit()
        job_id = row.id
    queue.enqueue("os.getpid", job_id=str(job_id))
    return {"job_id": job_id, "status": "queued", "message": "queued"}


if __name__ == "__main__":
    Base.metadata.create_all(database)
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning", access_log=False)
