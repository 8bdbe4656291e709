"""The fields of a table: selectors, each read in the language of the place it starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from novel_core.declarative.content import Form, is_markup
from novel_core.declarative.page_numbers import PageNumbers
from novel_core.declarative.selector import Selector
from novel_core.items import TagKind

Selectors = tuple[Selector, ...]

#: The codes of the errors that a page may be.
Outcome = Literal[
    "not_found", "login_required", "locked", "gated", "blocked", "not_yet", "maintenance"
]


def _starts_from_data(fields: Mapping[str, Any], *places: str) -> bool:
    """Whether selectors start from values of JSON.

    `fields` are those of the table so far, `places` the names of the fields that say where the
    selectors start: the first that is set counts, else the form of the page.
    """
    for place in places:
        if found := selectors(fields.get(place)):
            return not found[0].finds_elements
    return not is_markup(fields.get("form", "html"))


@dataclass(frozen=True, slots=True)
class Usual:
    """The CSS of a field that an author leaves out; values of JSON have no usual place."""

    css: str


def usual(css: str) -> Any:
    """A field with a usual selector."""
    return Field(default=Usual(css), validate_default=True)


def _read(value: Any, info: ValidationInfo, *places: str) -> Selectors:
    """The selectors that an author has written, from one text or several."""
    of_data = _starts_from_data(info.data, *places)
    if isinstance(value, Usual):
        return () if of_data else (Selector.of(value.css),)
    several = (value,) if isinstance(value, str | Selector) else value
    if not isinstance(several, Sequence):
        msg = "a selector is a text, or several texts in a tuple"
        raise ValueError(msg)  # noqa: TRY004 - pydantic reports a ValueError
    read = tuple(
        one if isinstance(one, Selector) else Selector.of(one, of_data=of_data) for one in several
    )
    for selector in read:
        _check_start(selector, info.data, *places, of_data=of_data)
    return read


def _check_start(
    selector: Selector, fields: Mapping[str, Any], *places: str, of_data: bool
) -> None:
    """ValueError for a selector whose first path cannot start from where it must."""
    form = fields.get("form", "html")
    path = selector.paths[0]
    if not is_markup(form) and (path.is_of_html_page or (of_data and path.needs_element)):
        msg = (
            f"{selector.text!r}: a page of {form.upper()} has no elements;"
            " for those in a text of it write: path >> css:p"
        )
        raise ValueError(msg)
    starts_from_page = not any(fields.get(place) for place in places)
    if path.reads_json and starts_from_page and is_markup(form):
        msg = (
            f"{selector.text!r}: a page of {form.upper()} is no JSON. Write form='json' for a page"
            " that is; else name the place of the JSON: css:#state >> json:work.title"
        )
        raise ValueError(msg)


def _of_page(value: Any, info: ValidationInfo) -> Selectors:
    return _read(value, info)


def _of_root(value: Any, info: ValidationInfo) -> Selectors:
    return _read(value, info, "root")


def _of_group(value: Any, info: ValidationInfo) -> Selectors:
    return _read(value, info, "groups", "root")


def _of_row(value: Any, info: ValidationInfo) -> Selectors:
    return _read(value, info, "rows", "root")


def _of_heading(value: Any, info: ValidationInfo) -> Selectors:
    return _of_group(value, info) if info.data.get("groups") else _of_row(value, info)


def _of_author(value: Any, info: ValidationInfo) -> Selectors:
    return _read(value, info, "authors", "rows", "root")


def _of_series(value: Any, info: ValidationInfo) -> Selectors:
    return _read(value, info, "series", "rows", "root")


def _of_markup(value: Any, _: ValidationInfo) -> Selectors:
    several = (value,) if isinstance(value, str | Selector) else value
    return tuple(one if isinstance(one, Selector) else Selector.of(one) for one in several)


def _next(value: Any, info: ValidationInfo) -> Selectors | PageNumbers:
    if isinstance(value, Mapping):
        # From a file, as options of a site.
        try:
            value = PageNumbers(**value)
        except TypeError as error:
            msg = f"next_page of page numbers: {error}"
            raise ValueError(msg) from error
    if not isinstance(value, PageNumbers):
        return _of_root(value, info)
    return replace(
        value,
        last=_of_root(value.last, info),
        total=_of_root(value.total, info),
        more=_of_root(value.more, info),
    )


def selectors(field: object) -> Selectors:
    """The selectors of a table's field."""
    return cast("Selectors", field or ())


if TYPE_CHECKING:
    #: What an author writes. `selectors` gives what the table makes of it.
    Written = str | Selector | Sequence[str | Selector]
    OfPage = Written
    OfRoot = Written
    OfGroup = Written
    OfRow = Written
    OfHeading = Written
    OfAuthor = Written
    OfSeries = Written
    OfMarkup = Written
    Next = Written | PageNumbers
    Kinds = Mapping[str, Written]
    Outcomes = Mapping[Outcome, Written]
else:
    # By the place they start from: the page, the table's root, a group of rows, a row, the place
    # of a heading, an author, a series; or in any case an element.
    OfPage = Annotated[Selectors, BeforeValidator(_of_page)]
    OfRoot = Annotated[Selectors, BeforeValidator(_of_root)]
    OfGroup = Annotated[Selectors, BeforeValidator(_of_group)]
    OfRow = Annotated[Selectors, BeforeValidator(_of_row)]
    OfHeading = Annotated[Selectors, BeforeValidator(_of_heading)]
    OfAuthor = Annotated[Selectors, BeforeValidator(_of_author)]
    OfSeries = Annotated[Selectors, BeforeValidator(_of_series)]
    OfMarkup = Annotated[Selectors, BeforeValidator(_of_markup)]
    Next = Annotated[Selectors | PageNumbers, BeforeValidator(_next)]
    Kinds = dict[TagKind, OfRow]
    Outcomes = dict[Outcome, OfPage]


class Table(BaseModel):
    """What every table has.

    `form` is how the body of the page is read: `html`, `xml`, `json` or `feed`. `root` is the part
    of the page that the table is about, from which its selectors start: an element, an object of
    JSON, the JSON of a script (`script:#data >> props.work`).

    `outcomes` find something only on a page that is not the one requested, of any status, and say
    which error it is, by the code of the error: `{"not_found": "div.gone", "login_required":
    "form.login", "locked": ".members-only", "gated": "a.enter@href"}`. What is found is the text of
    the error; of `gated` it is the link that confirms, and the text around it is the error's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    form: Form = "html"
    root: OfPage = ()
    outcomes: Outcomes = Field(default_factory=dict)
