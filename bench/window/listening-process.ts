// Started by listening.ts: says the longest time it was not listening when it is told to end.
const step = 5;
let longest = 0;
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - last - step);
  last = now;
}, step).unref();
process.once('message', () => process.send?.(longest));
process.send?.('listening');
