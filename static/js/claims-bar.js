// Choosing a claim: by sentences with the keys, or by selecting with the pointer.
const claimsBar = {
  // The span that would be tied, and its place among the sentences.
  span: null,
  place: 0,

  get element() {
    return claims.box?.querySelector("[data-claims-bar]");
  },

  get isOpen() {
    return Boolean(this.element && !this.element.hidden);
  },

  begin() {
    const sentences = textPlaces.sentences(claims.text);
    const isFree = ({ start, end }) => !claims.all.some((one) => one.start < end && start < one.end);
    this.place = Math.max(0, sentences.findIndex(isFree));
    if (!sentences.length) return;
    this.offer(selectedSpan() ?? sentences[this.place]);
    this.element.querySelector("[data-claims-quote]").focus({ preventScroll: true });
  },

  offer(span) {
    this.span = span;
    this.element.hidden = false;
    this.element.querySelector("[data-claims-quote]").textContent = span.text;
    paintClaims("candidate", [span]);
    const range = textPlaces.range(claims.text, span.start, span.end);
    const parent = range.startContainer.parentElement;
    parent.scrollIntoView({ block: "nearest" });
  },

  move(step) {
    const sentences = textPlaces.sentences(claims.text);
    this.place = Math.max(0, Math.min(this.place + step, sentences.length - 1));
    this.offer(sentences[this.place]);
    announceClaim(sentences[this.place].text);
  },

  longer() {
    const sentences = textPlaces.sentences(claims.text);
    const next = sentences.find((one) => one.end > this.span.end);
    if (!next) return;
    const range = textPlaces.range(claims.text, this.span.start, next.end);
    this.place = sentences.indexOf(next);
    this.offer(textPlaces.span(claims.text, range));
    announceClaim(this.span.text);
  },

  tie(passage) {
    claims.tie(this.span, passage);
    getSelection().removeAllRanges();
    const words = passage === null ? "Tied to no passage." : `Tied to passage ${passage}.`;
    const sentences = textPlaces.sentences(claims.text);
    const next = sentences.findIndex((one) => one.start >= this.span.end);
    if (next < 0) return this.end(words);
    this.place = next;
    this.offer(sentences[next]);
    announceClaim(`${words} Next: ${sentences[next].text}`);
  },

  end(words = "Done marking.") {
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidden = true;
    CSS.highlights?.delete("candidate");
    if (hadFocus) claims.box.querySelector("[data-claims-begin]").focus();
    announceClaim(words);
  },
};

function announceClaim(detail) {
  document.dispatchEvent(new CustomEvent("announce", { detail }));
}

function selectedSpan() {
  const selection = getSelection();
  if (selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  return claims.text?.contains(range.commonAncestorContainer) ? textPlaces.span(claims.text, range) : null;
}

function pressInBar(key) {
  const passage = claimsBar.element.querySelector(`[data-claims-tie="${key === "0" ? "" : key}"]`);
  if (/^[0-9]$/.test(key) && passage) passage.click();
  else if (key === "ArrowLeft") claimsBar.move(-1);
  else if (key === "ArrowRight") claimsBar.move(1);
  else if (key === "+") claimsBar.longer();
  else if (key === "Escape") claimsBar.end();
  // Enter would submit what is not finished, a digit would rate it.
  else return key === "Enter" || /^[0-9]$/.test(key);
  return true;
}

// Before the keys of the judgment.
document.addEventListener(
  "keydown",
  (event) => {
    if (!claimsBar.isOpen || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("textarea, select, input")) return;
    if (event.key === "Enter" && event.target.closest("button")) return;
    if (document.querySelector("dialog[open]") || !pressInBar(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-claims-begin]")) return claimsBar.begin();
  const button = event.target.closest("[data-claims-bar] button");
  if (!button) return;
  const { claimsTie, claimsMove } = button.dataset;
  if (claimsTie !== undefined) claimsBar.tie(claimsTie ? Number(claimsTie) : null);
  else if (claimsMove) claimsBar.move(Number(claimsMove));
  else if (button.matches("[data-claims-longer]")) claimsBar.longer();
  else claimsBar.end();
});

document.addEventListener("pointerup", () => {
  const span = claims.box && selectedSpan();
  if (span) claimsBar.offer(span);
});
