import { Failure } from '../../../shared/failure.ts';

/**
 * One plan at a time, and none beside a preview: both compute on the same cores, and a person waits for the preview. A plan that is ended
 * fails with `cancelled`; the page asks again once its preview is there.
 */
export class PlanTurn {
  #current = new AbortController();

  /** Ends an earlier plan and begins a new one. */
  begin(): AbortSignal {
    this.interrupt();
    this.#current = new AbortController();
    return this.#current.signal;
  }

  interrupt(): void {
    this.#current.abort(new Failure('cancelled', 'something newer was asked for'));
  }
}
