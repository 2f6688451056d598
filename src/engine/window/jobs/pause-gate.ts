/** A gate in front of each image. */
export interface PauseGate {
  close(): void;
  open(): void;
  /** Returns at once while the gate is open, else when it opens. */
  readonly pass: () => Promise<void>;
}

/** @param onWait called when somebody begins to wait at the closed gate */
export function pauseGate(onWait: () => void): PauseGate {
  let closed = false;
  let waiting: (() => void) | undefined;
  return {
    close() {
      closed = true;
    },
    open() {
      closed = false;
      waiting?.();
      waiting = undefined;
    },
    pass: () =>
      closed
        ? new Promise((resolve) => {
            waiting = resolve;
            onWait();
          })
        : Promise.resolve(),
  };
}
