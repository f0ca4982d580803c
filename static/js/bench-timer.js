// Active time on an item: seconds in which the page is in front and somebody did
// something within the last minute.
const IDLE_AFTER = 60_000;
let lastSign = Date.now();

for (const sign of ["keydown", "pointermove", "pointerdown", "wheel", "touchmove", "scroll"]) {
  document.addEventListener(sign, () => (lastSign = Date.now()), { capture: true, passive: true });
}

setInterval(() => {
  const field = document.querySelector("[data-bench] input[name=active_seconds]");
  const isActive = document.hasFocus() && Date.now() - lastSign < IDLE_AFTER;
  if (!field || !isActive) return;
  field.value = Number(field.value) + 1;
  document.dispatchEvent(new Event("active"));
}, 1000);
