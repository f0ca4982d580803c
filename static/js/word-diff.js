// Which words of two texts the other one has not: a pure function, quick for long
// texts. Words that stand once in each are anchors; between anchors the longest
// common run is looked for, window by window.
const WINDOW = 600;

function differingWords(wordsOfA, wordsOfB) {
  const numbers = new Map();
  const [a, b] = [wordsOfA, wordsOfB].map((words) => numbered(words, numbers));
  const only = [new Uint8Array(a.length), new Uint8Array(b.length)];
  const work = [[0, a.length, 0, b.length]];
  while (work.length) {
    const block = withoutEnds(a, b, work.pop());
    const anchors = anchorsOf(a, b, block);
    if (anchors.length) work.push(...between(block, anchors));
    else lookAt(a, b, block, only);
  }
  return only;
}

// Numbers are compared far quicker than words.
function numbered(words, numbers) {
  return Int32Array.from(words, (word) => {
    if (!numbers.has(word)) numbers.set(word, numbers.size);
    return numbers.get(word);
  });
}

function between([a0, a1, b0, b1], anchors) {
  return [...anchors, [a1, b1]].map(([i, j]) => {
    const block = [a0, i, b0, j];
    [a0, b0] = [i + 1, j + 1];
    return block;
  });
}

// Without anchors: one window after the other, each from behind the last common word.
function lookAt(a, b, block, only) {
  let [a0, a1, b0, b1] = block;
  while (a0 < a1 || b0 < b1) {
    let [a2, b2] = [Math.min(a1, a0 + WINDOW), Math.min(b1, b0 + WINDOW)];
    const run = commonRun(a, b, [a0, a2, b0, b2]);
    if (run.length && (a2 < a1 || b2 < b1)) [a2, b2] = run.at(-1).map((place) => place + 1);
    only[0].fill(1, a0, a2);
    only[1].fill(1, b0, b2);
    for (const [i, j] of run) only[0][i] = only[1][j] = 0;
    [a0, a1, b0, b1] = withoutEnds(a, b, [a2, a1, b2, b1]);
    if (a0 === a1 || b0 === b1) break;
  }
  only[0].fill(1, a0, a1);
  only[1].fill(1, b0, b1);
}

function withoutEnds(a, b, [a0, a1, b0, b1]) {
  while (a0 < a1 && b0 < b1 && a[a0] === b[b0]) a0++, b0++;
  while (a0 < a1 && b0 < b1 && a[a1 - 1] === b[b1 - 1]) a1--, b1--;
  return [a0, a1, b0, b1];
}

function onceIn(words, from, to) {
  const places = new Map();
  for (let i = from; i < to; i++) places.set(words[i], places.has(words[i]) ? -1 : i);
  return places;
}

// Pairs of places, rising in both: the longest such row (patience sorting).
function anchorsOf(a, b, [a0, a1, b0, b1]) {
  const inB = onceIn(b, b0, b1);
  const piles = [];
  for (const [word, i] of onceIn(a, a0, a1)) {
    const j = inB.get(word) ?? -1;
    if (i < 0 || j < 0) continue;
    let [low, high] = [0, piles.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (piles[middle].j < j) low = middle + 1;
      else high = middle;
    }
    piles[low] = { i, j, before: piles[low - 1] };
  }
  const row = [];
  for (let one = piles.at(-1); one; one = one.before) row.push([one.i, one.j]);
  return row.reverse();
}

function commonRun(a, b, [a0, a1, b0, b1]) {
  const [n, m] = [a1 - a0, b1 - b0];
  const width = m + 1;
  const best = new Uint16Array((n + 1) * width);
  for (let i = n - 1; i >= 0; i--)
    for (let j = m - 1; j >= 0; j--)
      best[i * width + j] =
        a[a0 + i] === b[b0 + j]
          ? best[(i + 1) * width + j + 1] + 1
          : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
  const run = [];
  for (let [i, j] = [0, 0]; i < n && j < m; ) {
    if (a[a0 + i] === b[b0 + j]) run.push([a0 + i++, b0 + j++]);
    else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) i++;
    else j++;
  }
  return run;
}
