// Where the keys of the bench lead: choosing, moving between criteria.
const bench = {
  get root() {
    return document.querySelector("[data-bench]");
  },

  all(selector) {
    return [...this.root.querySelectorAll(selector)];
  },

  get criteria() {
    return this.all("[data-criterion]:not([hidden])");
  },

  // The marked criterion, or that of the step that is read; without one, the first that
  // has no answer yet.
  get criterion() {
    return this.marked ?? this.criteria.find((one) => !isAnswered(one)) ?? this.criteria[0];
  },

  get marked() {
    return document.activeElement?.closest("[data-criterion]") ?? stepRatings.focused;
  },

  focus(criterion) {
    const chosen = criterion?.querySelector("input:checked");
    (chosen ?? criterion?.querySelector("input, textarea"))?.focus();
  },

  go(step) {
    const ways = this.criteria.filter((one) => stepRatings.isOnTheWay(one));
    const place = this.marked ? ways.indexOf(this.marked) + step : 0;
    this.focus(ways[place]);
  },

  choose(number) {
    const criterion = this.criterion;
    const options = criterion?.querySelectorAll("input[type=radio], input[type=checkbox]");
    const option = options?.[number - 1];
    const isRead = criterion === stepRatings.focused;
    // A number is typed: the digit goes where the focus is.
    if (isRead && !options?.length) this.focus(criterion);
    if (!option) return false;
    // Who reads a step stays there.
    if (!isRead) option.focus();
    option.click();
    if (!isRead && option.type === "radio" && !needsReason(criterion)) this.leave(criterion);
    return true;
  },

  // Among the failure modes that are offered, digits mean these.
  offer(offers, number) {
    const offered = offers.querySelectorAll("input")[number - 1];
    offered?.focus();
    offered?.click();
    return Boolean(offered);
  },

  leave(criterion) {
    const next = this.criteria[this.criteria.indexOf(criterion) + 1];
    if (next) this.focus(next);
    else this.root.querySelector("[data-submit]")?.focus();
  },
};

function isAnswered(criterion) {
  if (criterion.querySelector("input:checked")) return true;
  const typed = criterion.querySelector("input[type=number], :scope > .field textarea");
  return Boolean(typed?.value);
}

function needsReason(criterion) {
  return Boolean(criterion.querySelector(":is([data-asks-reason], [data-asks-correction]):checked"));
}

// A choice that asks for a reason opens its text and leads there.
document.addEventListener("change", (event) => {
  const criterion = event.target.closest?.("[data-criterion]");
  const reason = criterion?.querySelector("[data-reason]");
  if (!reason || !event.target.matches("[data-asks-reason]:checked")) return;
  reason.open = true;
  const text = reason.querySelector("textarea");
  text.focus();
  text.scrollIntoView({ block: "nearest" });
});

// Who revises a text writes it next.
document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("[data-bench] [data-asks-correction]:checked")) return;
  const findings = bench.root.querySelector("[data-findings]");
  findings.open = true;
  findings.querySelector("textarea").focus();
});
