/** Does one piece of work after the other, in the order they come; one that fails holds nothing up. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** For the files of one list: no write outlives a later one, or the removal of what it writes. */
export function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
