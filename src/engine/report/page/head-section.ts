import type { TransferSummary } from '../../../shared/transfer.ts';
import { count, decimal, median } from '../figures.ts';
import type { ProtectedReportImage, ReportInput } from '../report-input.ts';
import { removalWarning } from './limits.ts';
import { html, type Markup } from './markup.ts';
import { zoneWarnings } from './zone-warnings.ts';
import { findingsOf, majoritySentence, type Finding } from './verdict-findings.ts';

/** What was protected, then what does not hold, then what holds. */
export function headSection(report: ReportInput, summary: TransferSummary): Markup {
  const done = report.images.filter((image): image is ProtectedReportImage => image.status === 'protected');
  const findings = findingsOf(summary);
  const holding = findings.filter(({ verdict }) => verdict === 'holds');
  const failing = findings.filter(({ verdict }) => verdict !== 'holds');
  return html`<header>
      <p class="eyebrow">MedLocker transfer report</p>
      <h1>${report.title}</h1>
      <p class="quiet">
        ${dateOf(report.createdAt)} · preset ${report.settings.preset} · MedLocker ${report.version}
      </p>
      <p class="private">Keep this report private: it shows unprotected originals.</p>
    </header>
    ${outcomeStrip(report, done)}
    <section id="findings">
      <h2>What the marks do</h2>
      <div class="findings">
        <div class="not">
          <h3>What does not hold</h3>
          <ul>
            ${failing.map(findingItem)}${victimWarning(summary)}${zoneWarnings(report.lesionNetwork, done)}
            <li>
              <strong>Removal of the marks.</strong> ${removalWarning(report.settings)}
              <a href="#limits">Figures</a>
            </li>
          </ul>
        </div>
        <div class="holds">
          <h3>What holds in this measurement</h3>
          ${
            holding.length === 0
              ? html`<p>Nothing: no figure lies above both random marks and the noise floor.</p>`
              : html`<ul>
                  ${holding.map(findingItem)}
                </ul>`
          }
        </div>
      </div>
      ${majoritySentence(summary) === null ? null : html`<p class="fine yardstick">${majoritySentence(summary)}</p>`}
    </section>`;
}

function outcomeStrip(report: ReportInput, done: readonly ProtectedReportImage[]): Markup {
  const of = (status: string): number => report.images.filter((image) => image.status === status).length;
  const overlapping = done.filter((image) => image.overlap > 0).length;
  const ink = done.map((image) => image.inkShare);
  const psnr = done.flatMap((image) => (image.psnr === null ? [] : [image.psnr]));
  return html`<dl class="outcome">
    ${figure('Protected', String(done.length), `of ${count(report.images.length, 'image')}`)}
    ${figure('No room', String(of('no-room')), 'marks did not fit')}
    ${figure('Failed', String(of('failed')), of('skipped') > 0 ? `and ${of('skipped')} skipped` : of('failed') > 0 ? 'see the reasons below' : 'none skipped')}
    ${figure('Touching the zone', String(overlapping), overlapping === 0 ? 'no mark on a forbidden pixel' : 'marks on forbidden pixels', overlapping > 0)}
    ${figure('Ink', ink.length === 0 ? '–' : `${decimal((median(ink) ?? 0) * 100, 1)} %`, ink.length === 0 ? 'of the field of view' : `of the field, median; most ${decimal(Math.max(...ink) * 100, 1)} %`)}
    ${figure('PSNR', psnr.length === 0 ? '–' : `${decimal(median(psnr), 1)} dB`, psnr.length === 0 ? 'median' : `median; lowest ${decimal(Math.min(...psnr), 1)} dB`)}
  </dl>`;
}

function figure(name: string, value: string, remark: string, alarm = false): Markup {
  return html`<div${alarm ? html` class="alarm"` : null}><dt>${name}</dt><dd>${value}</dd><dd class="remark">${remark}</dd></div>`;
}

function findingItem({ subject, lines, reading, verdict }: Finding): Markup {
  const figures = lines.map(
    ({ handling, figures: text }) => html`<li><span class="handling">${handling}</span> ${text}</li>`,
  );
  return html`<li class="${verdict}">
    <strong>${subject}.</strong> ${reading}
    <ul>
      ${figures}
    </ul>
  </li>`;
}

function victimWarning(summary: TransferSummary): Markup | null {
  if (summary.images === 0)
    return html`<li>
      <strong>No effect was measured.</strong> Nothing here says that any grader is misled.
    </li>`;
  return summary.rows.some((row) => row.role === 'victim')
    ? null
    : html`<li>
        <strong>No unseen grader was measured.</strong> All graders took part in the search; how another one
        answers is not known. Give one with <code>--victim</code>.
      </li>`;
}

/** The day and minute of an ISO time, in UTC; the text itself where it is no time. */
function dateOf(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(iso) ? `${iso.slice(0, 10)}, ${iso.slice(11, 16)} UTC` : iso;
}
