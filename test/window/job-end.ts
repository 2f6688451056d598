import type { Job } from '../../src/shared/contract/jobs.ts';
import type { Application } from './application.ts';
import { asker } from './ask-page.ts';

const ends: readonly string[] = ['done', 'failed', 'cancelled', 'interrupted'];

/** Waits until a job runs no more, however it ended. */
export async function jobEnd({ page }: Pick<Application, 'page'>, job: string): Promise<Job> {
  for (;;) {
    const now = await asker(page)('jobs.get', { job });
    if (ends.includes(now.state.status)) return now;
    await page.waitForTimeout(200);
  }
}
