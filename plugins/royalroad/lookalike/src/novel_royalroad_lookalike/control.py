"""Changing the site from another process: `POST /_control` with a JSON command.

```sh
curl -d '{"command": "add_chapter", "fiction": 1}' http://127.0.0.1:8080/_control
curl -d '{"command": "set", "name": "latency", "value": 0.1}' http://127.0.0.1:8080/_control
```
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from novel_core.lookalike import RequestLog
from novel_royalroad_lookalike.library import Fiction, Library, LookalikeChapter
from novel_royalroad_lookalike.switches import ChapterFault, Hidden, SiteSwitches, Style, Times

PATH = "/_control"
Command = dict[str, Any]
Answer = dict[str, Any]


class CommandError(Exception):
    """Answered with 400 and these words."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Obeys commands."""

    library: Library
    switches: SiteSwitches
    log: RequestLog

    def obey(self, command: Any) -> Answer:
        if not isinstance(command, dict):
            raise CommandError('send a JSON object like {"command": "requests"}')
        action = _ACTIONS.get(str(command.get("command")))
        if action is None:
            known = ", ".join(_ACTIONS)
            raise CommandError(f"no command {command.get('command')!r}; there are {known}")
        return action(self, command)

    def fiction(self, command: Command) -> Fiction:
        number = _number(command, "fiction")
        if number not in self.library.fictions:
            raise CommandError(f"no fiction {number}; there are {list(self.library.fictions)}")
        return self.library.fictions[number]

    def chapter(self, command: Command) -> tuple[Fiction, LookalikeChapter]:
        number = _number(command, "chapter")
        held = self.library.find_chapter(number)
        if held is None:
            raise CommandError(f"no chapter {number}")
        return held


def handler(
    library: Library, switches: SiteSwitches, log: RequestLog
) -> Callable[[web.Request], Awaitable[web.Response]]:
    desk = Desk(library, switches, log)

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(desk.obey(json.loads(await request.read())))
        except ValueError as error:
            return web.json_response({"error": f"not JSON: {error}"}, status=400)
        except CommandError as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


def _add_chapter(desk: Desk, command: Command) -> Answer:
    title = command.get("title")
    if title is not None and not isinstance(title, str):
        raise CommandError("`title` must be a text")
    return _told(desk.fiction(command).add_chapter(title))


def _change(verb: str) -> Callable[[Desk, Command], Answer]:
    def change(desk: Desk, command: Command) -> Answer:
        fiction, chapter = desk.chapter(command)
        getattr(fiction, verb)(chapter.id)
        return _told(chapter)

    return change


def _edit(desk: Desk, command: Command) -> Answer:
    fiction, chapter = desk.chapter(command)
    fiction.edit(chapter.id, _text(command, "text"))
    return _told(chapter)


def _move(desk: Desk, command: Command) -> Answer:
    fiction, chapter = desk.chapter(command)
    index = _number(command, "index")
    fiction.move(chapter.id, index)
    return _told(chapter)


def _rename(desk: Desk, command: Command) -> Answer:
    fiction, chapter = desk.chapter(command)
    fiction.rename(chapter.id, _text(command, "title"))
    return _told(chapter)


def _stub(desk: Desk, command: Command) -> Answer:
    fiction = desk.fiction(command)
    fiction.stub()
    return {"fiction": fiction.id, "status": fiction.status}


def _hide(desk: Desk, command: Command) -> Answer:
    _, chapter = desk.chapter(command)
    place = _text(command, "hidden")
    if place not in list(Hidden):
        raise CommandError(f"no place {place!r}; there are {', '.join(Hidden)}")
    chapter.hidden = Hidden(place)
    return _told(chapter)


def _volume(desk: Desk, command: Command) -> Answer:
    """Null takes the chapter out of its volume."""
    fiction, chapter = desk.chapter(command)
    volume = None if command.get("volume", "") is None else _number(command, "volume")
    known = [other.id for other in fiction.volumes]
    if volume is not None and volume not in known:
        raise CommandError(f"no volume {volume}; there are {known}")
    chapter.volume_id = volume
    return _told(chapter)


#: Per switch, the words for what it takes, and the test.
_TAKES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "hidden_style": (f"one of {', '.join(Style)}", lambda value: value in list(Style)),
    "latency": ("seconds", lambda value: _is_number(value, int, float)),
    "validators": ("true or false", lambda value: isinstance(value, bool)),
    "redesign": ("true or false", lambda value: isinstance(value, bool)),
    "list_script": ("true or false", lambda value: isinstance(value, bool)),
    "list_rows": ("a number or null", lambda value: value is None or _is_number(value, int)),
    "fast": ("true or false", lambda value: isinstance(value, bool)),
    "robots": ("a text or null", lambda value: value is None or isinstance(value, str)),
    "limited": ("a number", lambda value: _is_number(value, int)),
    "retry_after": (
        "seconds, a date or null",
        lambda value: value is None or isinstance(value, str) or _is_number(value, int),
    ),
    "unavailable": ("a number", lambda value: _is_number(value, int)),
    "failing": ("a number", lambda value: _is_number(value, int)),
    "redirect_target": ("a URL", lambda value: isinstance(value, str)),
}


def _set(desk: Desk, command: Command) -> Answer:
    name = _text(command, "name")
    if name not in _TAKES:
        raise CommandError(f"no switch {name!r}; there are {', '.join(_TAKES)}")
    if "value" not in command:
        raise CommandError("`value` is missing")
    takes, fits = _TAKES[name]
    value = command["value"]
    if not fits(value):
        raise CommandError(f"{name} takes {takes}, not {value!r}")
    setattr(desk.switches, name, Style(value) if name == "hidden_style" else value)
    return {name: value}


def _fault(desk: Desk, command: Command) -> Answer:
    path, name = _text(command, "path"), _text(command, "fault")
    if name not in list(ChapterFault):
        raise CommandError(f"no fault {name!r}; there are {', '.join(ChapterFault)}")
    fault = ChapterFault(name)
    limited = "times" in command
    desk.switches.faults[path] = Times(fault, _number(command, "times")) if limited else fault
    return {"faults": {path: _spoken(fault) for path, fault in desk.switches.faults.items()}}


def _spoken(fault: ChapterFault | Times) -> str | Answer:
    return {"fault": fault.fault, "left": fault.left} if isinstance(fault, Times) else fault


def _clear_faults(desk: Desk, _: Command) -> Answer:
    desk.switches.faults.clear()
    return {"faults": {}}


def _requests(desk: Desk, _: Command) -> Answer:
    return {
        "requests": [
            {
                "method": seen.method,
                "path": seen.path,
                "host": seen.host,
                "headers": dict(seen.headers),
                "time": seen.time,
            }
            for seen in desk.log.requests
        ]
    }


def _clear(desk: Desk, _: Command) -> Answer:
    desk.log.clear()
    return {"requests": []}


_ACTIONS: dict[str, Callable[[Desk, Command], Answer]] = {
    "add_chapter": _add_chapter,
    "remove": _change("remove"),
    "restore": _change("restore"),
    "edit": _edit,
    "lock": _change("lock"),
    "unlock": _change("unlock"),
    "move": _move,
    "rename": _rename,
    "stub": _stub,
    "hidden": _hide,
    "volume": _volume,
    "set": _set,
    "fault": _fault,
    "clear_faults": _clear_faults,
    "requests": _requests,
    "clear": _clear,
}


def _told(chapter: LookalikeChapter) -> Answer:
    return {"chapter": chapter.id, "title": chapter.title, "slug": chapter.slug}


def _text(command: Command, name: str) -> str:
    value = command.get(name)
    if not isinstance(value, str):
        raise CommandError(f"`{name}` must be a text, not {value!r}")
    return value


def _number(command: Command, name: str) -> int:
    value = command.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise CommandError(f"`{name}` must be a number, not {value!r}")
    return value


def _is_number(value: Any, *kinds: type) -> bool:
    """A sensible one: JSON as Python reads it has NaN and Infinity, and true is an int."""
    return type(value) in kinds and 0 <= value < float("inf")
