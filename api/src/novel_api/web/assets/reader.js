"use strict";
// The reader: arrow keys change the chapter; the reading position is restored.
(() => {
  const chapter = document.getElementById("chapter");
  const progress = document.getElementById("progress");
  const settings = document.querySelector(".settings");
  const { book, title, number } = chapter.dataset;
  const head = () => document.querySelector(".reader-header").offsetHeight;
  const blocks = [...document.getElementById("text").children];

  // The position is a paragraph and the read part of it: it stays correct when the font size changes.
  const here = () => {
    const top = head();
    const index = blocks.findIndex((block) => block.getBoundingClientRect().bottom > top);
    if (index < 0) return { block: blocks.length, part: 0 };
    const box = blocks[index].getBoundingClientRect();
    // Negative in the gap above a block.
    return { block: index, part: (top - box.top) / (box.height || 1) };
  };
  const share = () => {
    const room = document.documentElement.scrollHeight - window.innerHeight;
    return room > 0 ? Math.min(1, window.scrollY / room) : 1;
  };
  const keep = () => window.novelPlaces.keep(book, { title, number: Number(number), chapter: chapter.dataset.chapter, ...here() });
  const restore = () => {
    const place = window.novelPlaces.load()[book];
    if (!place || String(place.number) !== number || window.location.hash) return;
    const block = blocks[Math.min(place.block, blocks.length - 1)];
    if (!block || (place.block === 0 && !(place.part > 0))) return;
    const box = block.getBoundingClientRect();
    window.scrollTo(0, window.scrollY + box.top - head() + box.height * Math.min(1, Number(place.part) || 0));
  };

  history.scrollRestoration = "manual";
  restore();
  keep();
  progress.value = share() * 100;
  let waiting = 0;
  window.addEventListener("scroll", () => {
    progress.value = share() * 100;
    clearTimeout(waiting);
    waiting = setTimeout(keep, 250);
  }, { passive: true });
  window.addEventListener("pagehide", keep);

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "Escape" && settings.open) {
      settings.open = false;
      settings.querySelector("summary").focus();
      return;
    }
    if (event.target.closest?.("input, select, textarea, .wide, [contenteditable]")) return;
    const turn = { ArrowRight: "next", ArrowLeft: "previous" }[event.key];
    if (turn) document.getElementById(turn)?.click();
  });
  document.addEventListener("click", (event) => {
    if (settings.open && !settings.contains(event.target)) settings.open = false;
  });
})();
