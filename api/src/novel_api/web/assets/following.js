"use strict";
// A job's page, live: each event reloads the part of the page from the server.
(() => {
  const job = document.getElementById("job");
  if (!job?.dataset.events) return;
  const PAUSE = 400;
  const POLL = 5000;
  let timer = 0;
  let busy = false;
  let again = false;

  const show = async () => {
    timer = 0;
    if (busy) { again = true; return; }
    busy = true;
    try { await window.htmx.ajax("GET", job.dataset.part, { target: "#job", swap: "innerHTML" }); } finally { busy = false; }
    if (again) { again = false; soon(); }
  };
  const soon = () => { if (!timer) timer = setTimeout(show, PAUSE); };

  const events = new EventSource(job.dataset.events);
  for (const kind of ["state", "note", "warning", "progress"]) events.addEventListener(kind, soon);
  events.addEventListener("end", () => { events.close(); soon(); });
  // Refused (too many streams): poll instead, until the job has ended.
  events.addEventListener("error", () => {
    if (events.readyState !== EventSource.CLOSED) return;
    const poll = setInterval(() => {
      if (job.querySelector('form[action$="/cancel"], .job-now:not(.is-good):not(.is-bad)')) soon();
      else clearInterval(poll);
    }, POLL);
  });
})();
