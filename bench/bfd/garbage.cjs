// Preloaded into an etrunkd: it keeps some 300,000 objects alive and replaces them all the while. Once a second it
// writes the cost of the collections into the file that BFD_GARBAGE names.
const { renameSync, writeFileSync } = require("node:fs");
const { PerformanceObserver } = require("node:perf_hooks");

const file = process.env.BFD_GARBAGE;
const retained = new Array(300_000);
let at = 0;
const told = { collections: 0, longestCollection: 0, longestPause: 0 };

new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    told.collections++;
    told.longestCollection = Math.max(told.longestCollection, duration);
  }
}).observe({ entryTypes: ["gc"] });

const PERIOD = 5;
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  told.longestPause = Math.max(told.longestPause, now - last - PERIOD);
  for (let n = 0; n < 6_000; n++) {
    retained[at] = { n, text: `object ${n}`, list: [n, n + 1, { n }] };
    at = (at + 1) % retained.length;
  }
  last = performance.now();
}, PERIOD).unref();

setInterval(() => {
  writeFileSync(`${file}.new`, JSON.stringify(told));
  renameSync(`${file}.new`, file);
}, 1_000).unref();
