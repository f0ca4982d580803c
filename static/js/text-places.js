// Places in the text of an element as it is shown: characters counted as Python
// counts them (code points), and back to ranges.
const textPlaces = {
  range(root, start, end) {
    const range = document.createRange();
    range.setStart(...this.point(root, start));
    range.setEnd(...this.point(root, end));
    return range;
  },

  point(root, place) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let node = null;
    while (walker.nextNode()) {
      node = walker.currentNode;
      const characters = [...node.data];
      if (place <= characters.length) return [node, characters.slice(0, place).join("").length];
      place -= characters.length;
    }
    return [node ?? root, node?.length ?? 0];
  },

  // Without the blanks at either end; null where nothing is left.
  span(root, range) {
    const before = document.createRange();
    before.setStart(root, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const text = range.toString();
    const start = [...before.toString()].length + [...text].length - [...text.trimStart()].length;
    const shown = text.trim();
    return shown ? { start, end: start + [...shown].length, text: shown } : null;
  },

  // Sentences and lines, as spans.
  sentences(root) {
    const spans = [];
    let start = 0;
    const segmenter = new Intl.Segmenter(undefined, { granularity: "sentence" });
    for (const { segment } of segmenter.segment(root.textContent)) {
      const text = segment.trim();
      const skipped = [...segment].length - [...segment.trimStart()].length;
      const from = start + skipped;
      if (text) spans.push({ start: from, end: from + [...text].length, text });
      start += [...segment].length;
    }
    return spans;
  },
};
