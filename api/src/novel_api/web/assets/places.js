"use strict";
// Reading positions in novels: stored in this browser only.
(() => {
  const KEY = "novel.places";
  const MOST = 50;
  const SHOWN = 3;

  const load = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      return kept && typeof kept === "object" && !Array.isArray(kept) ? kept : {};
    } catch { return {}; }
  };
  const newest = (places) => Object.entries(places).sort((a, b) => b[1].at - a[1].at);
  const keep = (slug, place) => {
    const places = { ...load(), [slug]: { ...place, at: Date.now() } };
    try { localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(newest(places).slice(0, MOST)))); } catch { /* not stored */ }
  };
  window.novelPlaces = { load, keep };

  const address = (slug, place) => `/book/${encodeURIComponent(slug)}/${Number(place.number)}`;

  const library = document.getElementById("going-on");
  if (library) {
    const list = library.querySelector("ul");
    for (const [slug, place] of newest(load()).slice(0, SHOWN)) {
      const link = document.createElement("a");
      link.href = address(slug, place);
      const title = document.createElement("b");
      title.textContent = place.title;
      const where = document.createElement("small");
      where.textContent = place.chapter;
      link.append(title, where);
      const line = document.createElement("li");
      line.append(link);
      list.append(line);
    }
    library.hidden = !list.children.length;
  }

  const book = document.querySelector("article.book[data-book]");
  const place = book && load()[book.dataset.book];
  if (place) {
    const button = document.getElementById("read");
    if (button) {
      button.href = address(book.dataset.book, place);
      button.textContent = `Continue with chapter ${Number(place.number)}`;
    }
    book.querySelector(`[data-number="${Number(place.number)}"]`)?.classList.add("is-here");
  }
})();
