"""The item pipeline of `scrapy_job.py`: a novel and its chapter into PostgreSQL, the usual way."""

from __future__ import annotations

from typing import Any

from scrapy.crawler import Crawler
from sqlalchemy import BigInteger, ForeignKey, Identity, Text, create_engine
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Novel(Base):
    __tablename__ = "original_novels"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))


class Chapter(Base):
    __tablename__ = "original_chapters"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    novel_id: Mapped[int] = mapped_column(ForeignKey(Novel.id))
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


def open_engine(url: str) -> Any:
    return create_engine(make_url(url).set(drivername="postgresql+psycopg2"))


class Save:
    def __init__(self, database: str) -> None:
        self._engine = open_engine(database)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Save:
        return cls(crawler.spider.database)  # type: ignore[union-attr]

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        with Session(self._engine) as session:
            novel = Novel(**item["novel"])
            session.add(novel)
            session.flush()
            session.add(Chapter(novel_id=novel.id, **item["chapter"]))
            session.commit()
        return item
