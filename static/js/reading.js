// Plain text for who wants it, from item to item and from day to day; two responses
// scrolled in step.
const PLAIN = `reading:plain:${document.querySelector("[data-account]")?.dataset.account}`;
let isPlain = storage.getItem(PLAIN) !== null;

function showPlain() {
  const button = document.querySelector("[data-reading] [data-plain]");
  if (!button) return;
  button.closest("[data-reading]").classList.toggle("reading--plain", isPlain);
  button.setAttribute("aria-pressed", isPlain);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-plain]")) return;
  isPlain = !isPlain;
  if (isPlain) storage.setItem(PLAIN, "");
  else storage.removeItem(PLAIN);
  showPlain();
  document.dispatchEvent(
    new CustomEvent("announce", { detail: isPlain ? "Plain text" : "Formatted text" }),
  );
});

showPlain();
// Before the new item is painted.
document.addEventListener("htmx:afterSwap", showPlain);

// Where a pane was put by the other one: its own scroll event is no new wish.
const put = new WeakMap();

function scrollLike(pane, other) {
  const share = pane.scrollTop / Math.max(1, pane.scrollHeight - pane.clientHeight);
  other.scrollTop = share * (other.scrollHeight - other.clientHeight);
  put.set(other, other.scrollTop);
}

document.addEventListener(
  "scroll",
  ({ target }) => {
    if (!(target instanceof Element) || !target.matches("[data-pane]")) return;
    const reading = target.closest("[data-reading]");
    if (!reading.querySelector("[data-in-step]")?.checked) return;
    const wasPut = put.get(target) === target.scrollTop;
    put.delete(target);
    if (wasPut) return;
    for (const pane of reading.querySelectorAll("[data-pane]")) {
      if (pane !== target) scrollLike(target, pane);
    }
  },
  { capture: true, passive: true },
);
