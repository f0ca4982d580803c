// A judgment whose request was lost is kept and sent again, and a draft likewise, until
// the server has acknowledged it. The id of the assignment makes it count once.
const GIVE_UP_AFTER = 20_000;
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 30_000;
const GATEWAY_ERRORS = [502, 503, 504];
const ACT = /\/bench\/([0-9a-f-]{36})\/(judgment|draft)\/$/;

const connection = {
  state: null,
  pause: FIRST_PAUSE,
  timer: null,
  // What was stored when a draft was sent: what is typed after that stays.
  draftSent: null,

  // One of lost, waiting, unsent, signed-out, failed; null: all is well.
  say(state) {
    const isNew = state && state !== this.state;
    this.state = state;
    const banner = document.querySelector("[data-connection]");
    banner.hidden = !state;
    for (const part of banner.children) part.hidden = part.dataset.when !== state;
    const words = banner.querySelector(":scope > :not([hidden]) > p");
    if (isNew) document.dispatchEvent(new CustomEvent("announce", { detail: words.textContent }));
  },

  lost() {
    this.say(kept.get(kept.assignment)?.isSubmitted ? "waiting" : "lost");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  },

  back() {
    clearTimeout(this.timer);
    this.pause = FIRST_PAUSE;
    this.say(null);
  },

  // Once more, as it stands in the form.
  send() {
    const one = kept.get(kept.assignment);
    if (!one) return this.back();
    if (!kept.form) return sendLapsed();
    if (one.isSubmitted) kept.form.requestSubmit();
    else kept.form.dispatchEvent(new Event("input", { bubbles: true }));
  },
};

function actOf(detail) {
  const [, assignment, name] = detail.requestConfig.path.match(ACT) ?? [];
  return name ? { assignment, isDraft: name === "draft" } : null;
}

function acknowledge({ assignment, isDraft }) {
  // The judgment that was lost before it is still due.
  if (isDraft && kept.get(assignment)?.isSubmitted) return connection.send();
  if (!isDraft || kept.text(assignment) === connection.draftSent) kept.forget(assignment);
  connection.back();
}

// The token of the form is older than the sign-in: the page loaded anew has another.
function renew({ assignment, isDraft }) {
  if (isDraft || kept.get(assignment)?.isRenewed) return connection.say("signed-out");
  kept.set(assignment, { isRenewed: true });
  location.reload();
}

// The time for the item ran out while there was no connection: a draft, then.
async function sendLapsed() {
  const lapsed = document.querySelector("[data-bench] [data-lapsed]");
  if (!lapsed) return;
  const button = lapsed.querySelector("button");
  button.disabled = true;
  const values = kept.values;
  await htmx.ajax("POST", lapsed.dataset.lapsed, { values, swap: "none" }).catch(() => {});
  button.disabled = false;
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const [, assignment, name] = detail.path.match(ACT) ?? [];
  detail.timeout = GIVE_UP_AFTER;
  if (name === "judgment") kept.keep(true);
  if (name === "draft") connection.draftSent = kept.text(assignment);
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const act = actOf(event.detail);
  const { status } = event.detail.xhr;
  if (!act) return;
  if (status < 300) return acknowledge(act);
  if (GATEWAY_ERRORS.includes(status)) return connection.lost();
  if (status === 403) return renew(act);
  kept.set(act.assignment, { isSubmitted: false });
  if (status === 422) return connection.back();
  if (status !== 401) return connection.say("failed");
  if (!act.isDraft) return;
  // Nobody is led away while typing.
  event.preventDefault();
  connection.say("signed-out");
});

for (const lost of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(lost, ({ detail }) => {
    if (actOf(detail)) connection.lost();
    else connection.say("unsent");
  });
}

document.addEventListener("input", ({ target }) => {
  if (!target.closest("[data-judgment]")) return;
  kept.keep(false);
  // What is being changed is not sent by itself.
  if (connection.state === "waiting") connection.say("lost");
});

document.addEventListener("submit", (event) => {
  if (navigator.onLine || !event.target.matches("[data-bench] form:not([hx-post], [method=dialog])")) return;
  event.preventDefault();
  connection.say("unsent");
});

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-connection-send]")) connection.send();
});

addEventListener("offline", () => connection.state ?? connection.say("lost"));
addEventListener("online", () => connection.send());

function begin() {
  if (!kept.get(kept.assignment)) return;
  if (kept.form) kept.restore();
  connection.send();
}

document.addEventListener("htmx:afterSettle", begin);
// After htmx has read the page.
document.addEventListener("DOMContentLoaded", () => {
  kept.tidy();
  begin();
});
