import { fileURLToPath } from 'node:url';
import { lacksReport } from '../../workflows/renew-report.ts';
import { AttendedProcess } from '../attended-process.ts';
import type { ShelvedJob } from '../jobs/job-shelf.ts';
import type { WindowHost } from '../topic.ts';
import { fromReportProcessSchema, type ToReportProcess } from './report-wire.ts';

const script = fileURLToPath(new URL('./report-process.ts', import.meta.url));

/** After the last of several marks was moved, and not between two of them. */
const calm = 4000;
const patience = 3000;

/** Writes the report of a signed set anew once its images have come to rest. */
export class ReportRenewal {
  readonly #host: WindowHost;
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #running = new Map<string, AttendedProcess<ToReportProcess>>();

  constructor(host: WindowHost) {
    this.#host = host;
  }

  /** The images of the job have changed, or are about to. */
  soon(job: ShelvedJob): void {
    const { id } = job.record;
    this.#stop(id);
    this.#waiting.set(
      id,
      setTimeout(() => {
        this.#waiting.delete(id);
        if (job.run === null) this.#start(job);
      }, calm),
    );
  }

  /** A set whose report was taken away and not written again, since the program ended. */
  async makeUpFor(job: ShelvedJob): Promise<void> {
    const { id, job: protectJob } = job.record;
    if (job.run !== null || this.#waiting.has(id) || this.#running.has(id)) return;
    if (await lacksReport(protectJob.out)) this.soon(job);
  }

  async close(): Promise<void> {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    await Promise.all([...this.#running.values()].map((process) => process.kill()));
  }

  #start({ record: { id, job, reviewRequired, skipped } }: ShelvedJob): void {
    let failure: string | null = null;
    const process = new AttendedProcess<ToReportProcess>(script, {
      patience,
      onMessage: (message) => {
        const parsed = fromReportProcessSchema.safeParse(message);
        if (parsed.success && parsed.data.kind === 'failed') failure = parsed.data.failure.message;
      },
      onExit: () => {
        if (this.#running.get(id) === process) this.#running.delete(id);
        if (failure === null) return;
        this.#host.emit('app.notice', {
          message: `The report could not be written anew: ${failure}`,
          hint: 'Sign the set under Certificates: that writes it, too.',
        });
      },
    });
    this.#running.set(id, process);
    process.send({ kind: 'start', out: job.out, reviewRequired, skipped });
  }

  #stop(id: string): void {
    clearTimeout(this.#waiting.get(id));
    this.#waiting.delete(id);
    void this.#running.get(id)?.kill();
    this.#running.delete(id);
  }
}
