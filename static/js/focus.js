// What was said of the item before is not said of the next.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "bench") return;
  document.querySelectorAll("main > .notices").forEach((notices) => notices.remove());
});

// After a swap the focus is on the first error, or on the new heading, so that
// it is never lost with the element that went.
document.addEventListener("htmx:afterSettle", (event) => {
  const swapped = event.detail.elt;
  const error = swapped.querySelector('[aria-invalid="true"]');
  if (error) return showError(error);
  if (swapped.contains(document.activeElement)) return;
  swapped.querySelector('[data-focus], h1[tabindex="-1"], h2[tabindex="-1"]')?.focus();
});

function showError(field) {
  field.focus();
  // After htmx has scrolled to where the swap said.
  requestAnimationFrame(() => field.scrollIntoView({ block: "center" }));
}

// The same without htmx: the page came back with an error.
const refused = document.querySelector('[aria-invalid="true"]');
if (refused) showError(refused);
