// Rating the steps of a trace: the rows of the judgment follow the step that is read.
const stepRatings = {
  get section() {
    return document.querySelector("[data-steps]");
  },

  // The number of the step that had the focus last, if any.
  get current() {
    const place = this.section?.dataset.place;
    return place === undefined ? undefined : String(Number(place) + 1);
  },

  rows(step) {
    return [...document.querySelectorAll(`[data-for-step="${step}"]:not([hidden])`)];
  },

  // What a key rates while a step has the focus.
  get focused() {
    const rows = this.rows(document.activeElement?.closest("[data-step]")?.dataset.step);
    return rows.find((row) => !isAnswered(row)) ?? rows[0];
  },

  // A move leads past the rows of other steps.
  isOnTheWay(criterion) {
    const { forStep } = criterion.dataset;
    return !forStep || forStep === (this.current ?? "1");
  },

  mark(step) {
    for (const row of document.querySelectorAll("[data-for-step]")) {
      row.toggleAttribute("data-current", row.dataset.forStep === step);
    }
    for (const row of this.rows(step)) showInList(row, row.closest("[data-step-rows]"));
  },
};

// Within the list: the page stays where it is.
function showInList(row, list) {
  const above = row.getBoundingClientRect().top - list.getBoundingClientRect().top;
  const isSeen = above >= 0 && above + row.offsetHeight <= list.clientHeight;
  if (!isSeen) list.scrollTop += above - (list.clientHeight - row.offsetHeight) / 2;
}

document.addEventListener("focusin", ({ target }) => {
  if (!stepRatings.section) return;
  const row = target.closest("[data-for-step]");
  if (row) stepRatings.section.dataset.place = Number(row.dataset.forStep) - 1;
  if (row || target.closest("[data-step]")) stepRatings.mark(stepRatings.current);
});

document.addEventListener("change", ({ target }) => {
  const row = target.closest?.("[data-for-step]");
  // The focus is elsewhere: nothing else says what a key has chosen.
  if (!row || row.contains(document.activeElement) || !target.checked) return;
  const said = `Step ${row.dataset.forStep}: ${target.parentElement.textContent.trim()}`;
  document.dispatchEvent(new CustomEvent("announce", { detail: said }));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-for-step] > a[href^='#step-']");
  const summary = link && document.querySelector(link.hash);
  if (!summary) return;
  event.preventDefault();
  summary.parentElement.open = true;
  summary.focus();
});
