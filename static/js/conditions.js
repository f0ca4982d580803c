// A question that waits for an answer to another stands aside until it is given. Without
// this script it says in words when it is asked, and the server leaves out the rest.
function isAsked(criterion) {
  const form = criterion.closest("form");
  const chosen = form.querySelectorAll(`input[name="${criterion.dataset.onlyIf}"]:checked`);
  const wanted = criterion.dataset.onlyValues.split("\n");
  return [...chosen].some((input) => wanted.includes(input.value) && !input.closest("[hidden]"));
}

// In the order of the page: what one hides can hide the next.
function applyConditions(root) {
  for (const criterion of root.querySelectorAll("[data-only-if]")) {
    criterion.hidden = !isAsked(criterion);
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form");
  if (form) applyConditions(form);
});
document.addEventListener("htmx:afterSettle", () => applyConditions(document));
applyConditions(document);
