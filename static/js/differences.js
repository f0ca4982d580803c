// Marks the words that one response of a pair has and the other has not, where they
// stand: highlights of the browser, so that nothing in the page is changed. An older
// browser counts them all the same, and says that it cannot mark them.
const canMark = Boolean(window.Highlight && CSS.highlights);
const WORD = /[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;

function wordsOf(pane) {
  const words = [];
  const walker = document.createTreeWalker(pane, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (const { 0: word, index } of walker.currentNode.data.matchAll(WORD)) {
      words.push({ word, node: walker.currentNode, start: index, end: index + word.length });
    }
  }
  return words;
}

// Neighbours in one node are one range.
function rangesOf(words, isOnly) {
  const ranges = [];
  words.forEach(({ node, start, end }, place) => {
    if (!isOnly[place]) return;
    const last = ranges.at(-1);
    if (last?.place === place - 1 && last.node === node) Object.assign(last, { place, end });
    else ranges.push({ place, node, start, end });
  });
  return ranges.map(
    ({ node, start, end }) =>
      new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end }),
  );
}

function mark(ranges) {
  const highlight = new Highlight();
  for (const range of ranges) highlight.add(range);
  CSS.highlights.set("different", highlight);
}

function showDifferences(panes) {
  const [a, b] = panes.map(wordsOf);
  const only = differingWords(a.map((one) => one.word), b.map((one) => one.word));
  const ranges = [...rangesOf(a, only[0]), ...rangesOf(b, only[1])];
  if (canMark) mark(ranges);
  const [inA, inB] = only.map((marks) => marks.reduce((sum, mark) => sum + mark, 0));
  if (!ranges.length) return "The responses are word for word the same.";
  const words = `Only in A: ${inA} words. Only in B: ${inB} words.`;
  return canMark ? words : `${words} This browser is too old to mark them.`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-differences]");
  if (!button) return;
  const isOn = button.getAttribute("aria-pressed") !== "true";
  const reading = button.closest("[data-reading]");
  button.setAttribute("aria-pressed", isOn);
  CSS.highlights?.delete("different");
  const panes = [...reading.querySelectorAll("[data-pane]")];
  const words = isOn ? showDifferences(panes) : "";
  reading.querySelector("[data-differences-count]").textContent = words;
  document.dispatchEvent(new CustomEvent("announce", { detail: words || "Differences hidden" }));
});

document.addEventListener("htmx:afterSwap", () => CSS.highlights?.delete("different"));
