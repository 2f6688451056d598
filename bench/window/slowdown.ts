const turns = 40_000_000;

/**
 * How many times as long as its processor time a piece of arithmetic takes now: 1 on a machine that does nothing else, 3 where a
 * thread has a third of a processor. Taken beside a figure it says how much of a time is the machine's.
 */
export function slowdown(): number {
  const processor = process.cpuUsage();
  const started = performance.now();
  let sum = 0;
  for (let i = 0; i < turns; i++) sum = (sum + i * 31) | 0;
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(processor);
  return wall / Math.max(1, (user + system) / 1000) + (sum & 0);
}
