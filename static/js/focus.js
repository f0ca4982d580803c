// After a swap the focus is on the first error, or on the new heading, so that
// it is never lost with the element that went.
document.addEventListener("htmx:afterSettle", (event) => {
  const swapped = event.detail.elt;
  if (swapped.contains(document.activeElement)) return;
  const target =
    swapped.querySelector('[aria-invalid="true"]') ??
    swapped.querySelector('[data-focus], h1[tabindex="-1"], h2[tabindex="-1"]');
  target?.focus();
});
