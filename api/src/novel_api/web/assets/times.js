"use strict";
// Times in the reader's time zone; without this script they are in UTC.
(() => {
  const language = document.documentElement.lang;
  const whole = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "long" });
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

  const settle = () => {
    for (const time of document.querySelectorAll("time[datetime]:not([data-local])")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.valueOf())) continue;
      time.dataset.local = "";
      time.title = whole.format(moment);
      if (time.hasAttribute("data-clock")) time.textContent = clock.format(moment);
    }
  };
  settle();
  // Parts of an open page are replaced.
  new MutationObserver(settle).observe(document.body, { childList: true, subtree: true });
})();
