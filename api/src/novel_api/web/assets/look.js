"use strict";
// Theme, font, width and size: stored in this browser only. Runs before the page is drawn.
(() => {
  const KEY = "novel.look";
  const CHOICES = {
    theme: ["auto", "light", "sepia", "dark"],
    font: ["serif", "sans", "mono"],
    width: ["narrow", "medium", "wide"],
    size: ["1", "2", "3", "4", "5", "6", "7"],
  };
  const look = { theme: "auto", font: "serif", width: "medium", size: "3" };
  const root = document.documentElement;

  const apply = () => Object.assign(root.dataset, look);
  const load = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY)) || {};
      for (const name in CHOICES) if (CHOICES[name].includes(kept[name])) look[name] = kept[name];
    } catch { /* private windows may forbid it: use the defaults */ }
    apply();
  };
  const choose = (name, value) => {
    if (!CHOICES[name]?.includes(value)) return;
    look[name] = value;
    apply();
    try { localStorage.setItem(KEY, JSON.stringify(look)); } catch { /* for this page only */ }
    show();
  };
  const show = () => {
    for (const field of document.querySelectorAll("[data-look]")) {
      const value = look[field.dataset.look];
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
  };

  root.classList.add("js");
  load();
  document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;
    show();
  });
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.dataset?.look) choose(field.dataset.look, field.value);
  });
  // Changed in another tab.
  window.addEventListener("storage", (event) => { if (event.key === KEY) { load(); show(); } });
})();
