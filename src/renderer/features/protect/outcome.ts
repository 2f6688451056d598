import type { JobItem } from '../../../shared/contract/jobs.ts';
import { m } from '../../paraglide/messages.js';
import type { IconName } from '../../ui/icons.ts';

export interface Outcome {
  readonly words: string;
  readonly tone: 'neutral' | 'good' | 'warn' | 'bad';
  readonly icon: IconName | null;
}

/** How an image ended, never by colour alone. */
export function outcomeOf({ state }: Pick<JobItem, 'state'>): Outcome {
  switch (state) {
    case 'done':
      return { words: m.outcome_done(), tone: 'good', icon: 'check' };
    case 'kept':
      return { words: m.outcome_kept(), tone: 'good', icon: 'check' };
    case 'no-room':
      return { words: m.outcome_no_room(), tone: 'warn', icon: 'warning' };
    case 'failed':
      return { words: m.outcome_failed(), tone: 'bad', icon: 'error' };
    case 'waiting':
      return { words: m.outcome_waiting(), tone: 'neutral', icon: null };
  }
}
