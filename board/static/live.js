// Live updates and keys. The page works without this file: it is then as fresh as its last load.
// The server says that something changed; the page fetches itself and morphs what differs, so focus and scroll stay.
"use strict";
(() => {
  const part = "#part";
  const bar = document.getElementById("live");
  const state = document.getElementById("live-state");
  const said = document.getElementById("live-said");
  const pause = document.getElementById("pause");
  const dialog = document.getElementById("keys");
  const AGE_MS = 30000, SAY_MS = 10000, GAP_MS = 500;
  let paused = false, waiting = 0, busy = false, last = Date.now(), saidAt = 0, news = 0, lost = false;

  // The board's clock is the server's: the browser only says how old the page is.
  const age = () => {
    const minutes = Math.floor((Date.now() - last) / 60000);
    return minutes ? `${minutes} min old` : "less than a minute old";
  };

  function show() {
    bar.hidden = false;
    bar.classList.toggle("hw-lost", lost);
    if (lost) state.textContent = `Connection lost: what you see is ${age()}`;
    else if (paused) state.textContent = `Paused, ${age()}` + (waiting ? ", changes waiting" : "");
    else if (waiting) state.textContent = "Changes waiting: leave the list or press r";
    else state.textContent = "Live, up to date";
  }

  function tell() {
    if (!news || Date.now() - saidAt < SAY_MS) return;
    said.textContent = news === 1 ? "Page updated" : `Page updated ${news} times`;
    saidAt = Date.now();
    news = 0;
  }

  // Rows do not move under somebody's hands, and nothing is taken out of an open form.
  function held() {
    const at = document.activeElement;
    return paused || document.querySelector("dialog[open]") || document.querySelector("details.hw-edit[open]")
      || (at && at.closest("#part form, [data-rows]"));
  }

  async function fetchPart() {
    if (busy || lost) return;
    busy = true;
    waiting = 0;
    try {
      await htmx.ajax("GET", location.pathname + location.search,
        { target: part, select: part, swap: "outerMorph", headers: { "Homeward-Live": "1" } });
      last = Date.now();
      news += 1;
    } catch (_) {
      waiting += 1;
    }
    busy = false;
    show();
    tell();
    if (waiting) setTimeout(settle, GAP_MS);
  }

  function settle() {
    if (waiting && !busy && !held()) fetchPart();
    show();
  }

  // What came while somebody began to type or to choose is not laid over it.
  document.addEventListener("htmx:before:swap", (event) => {
    if (!held()) return;
    event.preventDefault();
    waiting += 1;
  });

  const source = new EventSource(`/live?known=${bar.dataset.known}`);
  source.addEventListener("open", () => { lost = false; show(); });
  source.addEventListener("error", () => { lost = true; show(); });
  source.addEventListener("changed", () => { waiting += 1; settle(); });
  source.addEventListener("signed-out", () => { source.close(); location.reload(); });
  addEventListener("pagehide", () => source.close());
  document.addEventListener("focusout", () => setTimeout(settle, 0));
  setInterval(() => { if (!held()) fetchPart(); else show(); tell(); }, AGE_MS);

  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    settle();
  });

  // One-key commands can be turned off (WCAG 2.1.4).
  const off = document.getElementById("keys-off");
  off.checked = localStorage.getItem("keys-off") === "1";
  off.addEventListener("change", () => localStorage.setItem("keys-off", off.checked ? "1" : "0"));
  document.getElementById("keys-open").addEventListener("click", () => dialog.showModal());

  function row(step) {
    const links = [...document.querySelectorAll("[data-rows] tbody th a")];
    const now = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const next = links[Math.max(0, Math.min(links.length - 1, now + step))];
    if (next) next.focus();
  }

  const keys = {
    j: () => row(1), k: () => row(-1), p: () => pause.click(), "?": () => dialog.showModal(),
    r: () => { document.activeElement.blur(); waiting += 1; settle(); },
    f: () => { const first = document.querySelector(".hw-filter select"); if (first) first.focus(); },
  };
  // What a desk says: a letter opens the field, a digit says it.
  function open(letter) {
    const pair = letter === "m" && (document.activeElement.closest(".hw-pair") || document.querySelector(".hw-pair"));
    if (pair) pair.querySelector(".hw-actions button").focus();
    if (pair) return true;
    // The row one stands in, else the first: what nobody has in hand comes first.
    const row = document.activeElement.closest("[data-rows] tr") || document;
    const fields = [...row.querySelectorAll(`details.hw-edit[data-key="${letter}"]`)];
    const field = fields.find((one) => !one.open) || fields[0];
    if (!field) return false;
    field.open = true;
    (field.querySelector(".hw-choices button") || field.querySelector("form select, form input:not([type=hidden])") || field).focus();
    return true;
  }
  function choose(digit) {
    const field = document.activeElement.closest("details.hw-edit[open], .hw-actions");
    const button = field && field.querySelectorAll(".hw-choices button, [name=decision]")[digit - 1];
    if (button) button.click();
    return Boolean(button);
  }

  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, dialog");
    if (off.checked || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (keys[event.key]) keys[event.key]();
    else if (!(/^[1-9]$/.test(event.key) ? choose(Number(event.key)) : /^[a-z]$/.test(event.key) && open(event.key))) return;
    event.preventDefault();
  });
  show();
})();
