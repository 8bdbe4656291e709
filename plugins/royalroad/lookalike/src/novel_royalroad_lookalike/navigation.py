"""The links of a chapter page to its neighbours, above and below the text."""

from __future__ import annotations

from novel_royalroad_lookalike.model import LookalikeChapter
from novel_royalroad_lookalike.places import Place


def upper(place: Place) -> str:
    """Two buttons; a disabled one where there is no neighbour."""

    def button(neighbour: LookalikeChapter | None, words: str) -> str:
        if neighbour is None:
            return f"""<button class="btn btn-primary col-xs-12" disabled="disabled">
       {words}
      </button>"""
        path = place.fiction.chapter_path(neighbour)
        return f"""<a class="btn btn-primary col-xs-12" data-subscriber-nav="" href="{path}">
       {words}
      </a>"""

    previous = '<i class="far fa-chevron-double-left mr-3"></i> Previous <br class="visible-xs-block"/>Chapter'
    following = 'Next <br class="visible-xs-block"/>Chapter <i class="far fa-chevron-double-right ml-3"></i>'
    return f"""            <div class="row nav-buttons">
    <div class="col-xs-6 col-md-4 col-lg-3 col-xl-2">
      {button(place.previous, previous)}
    </div>
    <div class="col-xs-6 col-md-4 col-md-offset-4 col-lg-3 col-lg-offset-6">

      {button(place.following, following)}
    </div>
   </div>"""


def lower(place: Place) -> str:
    """The same with the fiction between them, and the feed."""
    fiction = place.fiction

    def button(neighbour: LookalikeChapter | None, word: str) -> str:
        words = f'{word} <br class="visible-xs"/>Chapter'
        if neighbour is None:
            return f'<button class="btn btn-primary col-xs-4" disabled="disabled">{words}</button>'
        path = fiction.chapter_path(neighbour)
        return (
            f'<a class="btn btn-primary col-xs-4" href="{path}" data-subscriber-nav="">{words}</a>'
        )

    return f"""            <div class="row margin-bottom-10 margin-left-0 margin-right-0">
     {button(place.previous, "Previous")}
    <a class="btn btn-primary col-xs-4" href="{fiction.path}">FictionModel <br class="visible-xs"/>Index</a>
     {button(place.following, "Next")}
   </div>
   <div class="portlet-footer text-right">
    <ul class=" list-inline">
     <li class="list-item">
      <a rel="nofollow" class="btn btn-sm yellow-gold" href="/fiction/syndication/{fiction.id}">
       <i class="fa fa-rss"></i> RSS
      </a>
     </li>
    </ul>
   </div>"""
