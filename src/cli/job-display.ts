import type { JobEvent } from '../shared/job-events.ts';
import { visibleText } from '../shared/visible-text.ts';
import type { Console } from './console.ts';
import { humanDuration } from './table.ts';

/** Shows the events of a job: JSON lines, a bar on a terminal, or a line per image elsewhere. */
export interface JobDisplay {
  show(event: JobEvent): void;
  /** Takes the bar away. */
  close(): void;
}

export function jobDisplay(console: Console): JobDisplay {
  const inner = console.interactive ? barDisplay(console) : lineDisplay(console);
  return {
    show(event) {
      console.emit(event);
      inner.show(event);
    },
    close: () => inner.close(),
  };
}

function lineDisplay(console: Console): JobDisplay {
  let position = 0;
  let total = 0;
  return {
    show(event) {
      if (event.kind === 'job-started') {
        total = event.total;
        position = 0;
        announce(console, event);
      } else if (event.kind === 'image-finished') {
        position += 1;
        if (event.state !== 'kept') console.say(`[${position}/${total}] ${describe(event)}`);
      } else if (event.kind === 'note') console.warn(`note: ${visibleText(event.message)}`);
    },
    close: () => undefined,
  };
}

/** Redrawn once a second between events, so that the remaining time counts down instead of jumping. */
function barDisplay(console: Console): JobDisplay {
  let progress: Extract<JobEvent, { kind: 'progress' }> | null = null;
  let progressAt = 0;
  let total = 0;
  let current = '';
  const draw = () => {
    const finished = progress?.finished ?? 0;
    const share = total === 0 ? 1 : finished / total;
    const filled = Math.round(share * 24);
    const eta = progress?.etaSeconds ?? null;
    const left =
      eta === null ? '' : `  ${humanDuration(Math.max(0, eta - (Date.now() - progressAt) / 1000))} left`;
    const line = `${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${finished}/${total}${left}  ${current}`;
    process.stderr.write(`\r\u001b[2K${line.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1))}`);
  };
  const clear = () => void process.stderr.write('\r\u001b[2K');
  const timer = setInterval(draw, 1000);
  timer.unref();
  return {
    show(event) {
      clear();
      if (event.kind === 'job-started') {
        total = event.total;
        progress = null;
        announce(console, event);
      } else if (event.kind === 'image-stage') current = `${visibleText(event.path)} (${event.stage})`;
      else if (event.kind === 'progress') {
        progress = event;
        progressAt = Date.now();
      } else if (event.kind === 'image-finished' && (event.state === 'failed' || event.state === 'no-room')) {
        console.warn(describe(event));
      } else if (event.kind === 'note') console.warn(`note: ${visibleText(event.message)}`);
      draw();
    },
    close() {
      clearInterval(timer);
      clear();
    },
  };
}

function announce(console: Console, event: Extract<JobEvent, { kind: 'job-started' }>): void {
  const resumed = event.resumed > 0 ? `, ${event.resumed} already finished` : '';
  const skipped = event.skipped.length > 0 ? `, ${event.skipped.length} other files left out` : '';
  console.say(`${event.workflow}: ${event.total} image${event.total === 1 ? '' : 's'}${resumed}${skipped}`);
}

function describe(event: Extract<JobEvent, { kind: 'image-finished' }>): string {
  const words = { done: 'done', kept: 'kept', 'no-room': 'no room', failed: 'FAILED' } as const;
  const reason = event.reason === null ? '' : `: ${event.reason}`;
  return `${words[event.state]}  ${visibleText(event.path)}${reason} (${event.seconds.toFixed(1)} s)`;
}
