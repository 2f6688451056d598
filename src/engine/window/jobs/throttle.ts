/** A call at most every `milliseconds`; the last one of a burst is never lost. */
export function throttled(call: () => void, milliseconds: number): { (): void; flush(): void } {
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  const now = () => {
    clearTimeout(timer);
    timer = undefined;
    last = performance.now();
    call();
  };
  const soon = () => {
    if (timer !== undefined) return;
    const wait = last + milliseconds - performance.now();
    if (wait <= 0) now();
    else timer = setTimeout(now, wait);
  };
  return Object.assign(soon, { flush: now });
}
