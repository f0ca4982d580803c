// After 45 minutes of active time a pause is suggested, until it is waved away. Who was
// away for a while has had one.
const SUGGEST_AFTER = 45 * 60;
const PAUSE = 10 * 60_000;

function countActive() {
  const former = JSON.parse(sessionStorage.getItem("bench-active") ?? '{"seconds": 0, "at": 0}');
  const seconds = Date.now() - former.at < PAUSE ? former.seconds + 1 : 1;
  sessionStorage.setItem("bench-active", JSON.stringify({ seconds, at: Date.now() }));
  return seconds;
}

document.addEventListener("active", () => {
  const notice = document.querySelector("[data-pause]");
  if (countActive() < SUGGEST_AFTER || !notice.hidden) return;
  notice.hidden = false;
  const detail = notice.querySelector("p").textContent;
  document.dispatchEvent(new CustomEvent("announce", { detail }));
});

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-pause-dismiss]")) return;
  sessionStorage.removeItem("bench-active");
  target.closest("[data-pause]").hidden = true;
  document.querySelector("[data-bench] [data-focus]").focus();
});
