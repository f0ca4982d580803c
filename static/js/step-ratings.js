// Rating the steps of a trace one by one: the rows of the judgment follow the step that
// is read, and the other way round.
const stepRatings = {
  get section() {
    return document.querySelector("[data-bench] [data-steps]");
  },

  // The number of the step that had the focus last, as text; none: no step yet.
  get current() {
    const place = this.section?.dataset.place;
    return place === undefined ? undefined : String(Number(place) + 1);
  },

  rows(step) {
    return step ? [...document.querySelectorAll(`[data-bench] [data-for-step="${step}"]:not([hidden])`)] : [];
  },

  // What a key rates while a step has the focus.
  get focused() {
    const rows = this.rows(document.activeElement?.closest("[data-step]")?.dataset.step);
    return rows.find((row) => !isAnswered(row)) ?? rows[0];
  },

  // Of all the rows, those of one step: a move leads past the others.
  isOnTheWay(criterion) {
    const { forStep } = criterion.dataset;
    return !forStep || forStep === (this.current ?? "1");
  },

  mark(step) {
    for (const row of document.querySelectorAll("[data-bench] [data-for-step]")) {
      row.toggleAttribute("data-current", row.dataset.forStep === step);
    }
    for (const row of this.rows(step)) showInList(row, row.closest("[data-step-rows]"));
  },
};

// Within the list alone: the page stays where it is read.
function showInList(row, list) {
  const above = row.getBoundingClientRect().top - list.getBoundingClientRect().top;
  const isSeen = above >= 0 && above + row.offsetHeight <= list.clientHeight;
  if (!isSeen) list.scrollTop += above - (list.clientHeight - row.offsetHeight) / 2;
}

document.addEventListener("focusin", ({ target }) => {
  const row = target.closest?.("[data-bench] [data-for-step]");
  if (row && stepRatings.section) stepRatings.section.dataset.place = Number(row.dataset.forStep) - 1;
  if (row || target.closest?.("[data-bench] [data-step]")) stepRatings.mark(stepRatings.current);
});

document.addEventListener("change", ({ target }) => {
  const row = target.closest?.("[data-bench] [data-for-step]");
  // The focus is elsewhere, so that nothing else says what a key has chosen.
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
