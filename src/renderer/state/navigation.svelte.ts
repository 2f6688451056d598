import type { Screen } from '../../shared/contract/screens.ts';

/** Which screen is shown, and of which job. Screens keep their own state; going away and back loses nothing. */
export class Navigation {
  screen = $state<Screen>('start');
  /** The job Protect, Review, Certificates and Lab speak about; null before there is one. */
  job = $state<string | null>(null);
  /** Image that Review opens first; it sets it back to null once taken. */
  reviewPath = $state<string | null>(null);

  go(screen: Screen): void {
    this.screen = screen;
  }

  /** @param path image of the job to begin with */
  review(job: string, path: string | null = null): void {
    this.job = job;
    this.reviewPath = path;
    this.screen = 'review';
  }
}

export const navigation = new Navigation();
