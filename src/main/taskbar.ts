import { BrowserWindow } from 'electron';
import type { Job } from '../shared/contract/jobs.ts';
import type { EngineClient } from './engine-client.ts';
import { JobProgress, type ShownProgress } from './job-progress.ts';

/** Shows the progress of running jobs in the taskbar or dock, where the system has such a thing. */
export function showJobProgress(engine: EngineClient): void {
  const progress = new JobProgress();
  engine.on('event', (name, payload) => {
    if (name === 'jobs.changed') show(progress.take(payload as Job));
  });
  engine.on('state', ({ status }) => {
    if (status !== 'running') show(progress.clear());
  });
}

function show(shown: ShownProgress): void {
  // Below 0 takes the bar away, above 1 shows that something goes on.
  const value = 'share' in shown ? shown.share : shown.mode === 'none' ? -1 : 2;
  for (const window of BrowserWindow.getAllWindows()) window.setProgressBar(value, { mode: shown.mode });
}
