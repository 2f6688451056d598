import { count, percent, withInterval } from '../figures.ts';
import type { ProtectedReportImage, ReportInput } from '../report-input.ts';
import { html, type Markup } from './markup.ts';

/**
 * Lesions that a zone of the bundled network touches, of all there are: 14 photographs, each seen by a network trained on others,
 * with 95 % intervals (docs/methods/lesion-network.md). Measured beforehand, not in the job.
 */
const recall = {
  images: 14,
  larger: { rate: 0.952, low: 0.924, high: 0.978, n: 2842 },
  microaneurysms: { rate: 0.874, low: 0.835, high: 0.92, n: 673 },
} as const;

/** Names of doubtful images before "and so many more". */
const mostNamed = 12;

/** Which zones rest on a guess about lesions, one item of the list of what does not hold each. */
export function zoneWarnings(
  network: ReportInput['lesionNetwork'],
  done: readonly ProtectedReportImage[],
): Markup[] {
  const from = (kind: string) => done.filter((image) => image.zoneKinds.includes(kind));
  const drawn = from('segmentation');
  const guessed = done.filter((image) => !drawn.includes(image) && !image.zoneKinds.includes('annotation'));
  const unsure = done.filter((image) => image.zoneDoubts.length > 0);
  const lines: Markup[] = [];
  if (guessed.length > 0)
    lines.push(
      html`<li>
        <strong>Lesions are not known on ${shareOf(guessed, done)}.</strong> Their zone has no lesion
        annotation: marks avoid what a grader looks at, and can still cover lesions.
      </li>`,
    );
  if (drawn.length > 0)
    lines.push(
      html`<li>
        <strong>A lesion network drew the zone of ${shareOf(drawn, done)}.</strong> ${helped(drawn)} It can
        miss lesions, and marks may cover what it missed. ${measured(network)}
        ${unsure.length > 0 ? null : 'It was sure of every image.'}
      </li>`,
    );
  if (unsure.length > 0)
    lines.push(
      html`<li>
        <strong>The network was unsure of ${shareOf(unsure, done)}.</strong> Their zone is wider, and lesions
        may be missed all the same. Look at them:
        <ul>
          ${unsure
            .slice(0, mostNamed)
            .map(
              ({ name, zoneDoubts }) =>
                html`<li><span class="name">${name}</span>: ${zoneDoubts.join('; ')}</li>`,
            )}
          ${unsure.length > mostNamed ? html`<li>and ${unsure.length - mostNamed} more, in report.csv</li>` : null}
        </ul>
      </li>`,
    );
  return lines;
}

function helped(drawn: readonly ProtectedReportImage[]): string {
  const both = drawn.filter((image) => image.zoneKinds.includes('annotation')).length;
  return both === 0
    ? 'Nobody has annotated their lesions.'
    : `A person has marked lesions on ${both} of them as well.`;
}

function measured(network: ReportInput['lesionNetwork']): string {
  if (network?.bundled !== true)
    return 'How many it misses is not known here: it is not the network that comes with MedLocker.';
  const { images, larger, microaneurysms } = recall;
  return `On ${images} photographs it was not trained on, zones touched ${withInterval(larger)} of exudates and haemorrhages (n\u00a0${larger.n}) and ${withInterval(microaneurysms)} of microaneurysms (n\u00a0${microaneurysms.n}); measured beforehand, on one camera's images. On other cameras' photographs it is not known.`;
}

function shareOf(some: readonly ProtectedReportImage[], all: readonly ProtectedReportImage[]): string {
  return `${count(some.length, 'image')} (${percent(some.length / all.length)})`;
}
