import type { GraderRole } from '../../../shared/transfer.ts';
import { count, decimal } from '../figures.ts';
import type { LeftReportImage, ProtectedReportImage, ReportImage } from '../report-input.ts';
import { html, type Markup } from './markup.ts';

/** Rows of a list in the page; the rest stands in report.csv. */
const LISTED = 500;

const statusWords = { 'no-room': 'no room', failed: 'failed', skipped: 'skipped' } as const;

/** Every image's outcome: the ones that were not protected first, each with its reason. */
export function imageSection(images: readonly ReportImage[]): Markup {
  const left = images.filter((image): image is LeftReportImage => image.status !== 'protected');
  const done = images.filter((image): image is ProtectedReportImage => image.status === 'protected');
  return html`<section id="images">
    <h2>Images</h2>
    ${leftTable(left)}${protectedTable(done)}
  </section>`;
}

function leftTable(images: readonly LeftReportImage[]): Markup {
  if (images.length === 0) return html`<p>Every image of the folder was protected.</p>`;
  const order: readonly LeftReportImage['status'][] = ['failed', 'no-room', 'skipped'];
  const sorted = images.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  return html`<h3>Not protected (${images.length})</h3>
    <p class="lead">
      These images are not in the protected folder. Publishing them needs a decision of their owner.
    </p>
    <table class="left">
      <caption class="hidden">
        Images that were not protected, with the reason
      </caption>
      <thead>
        <tr>
          <th scope="col">Image</th>
          <th scope="col">Outcome</th>
          <th scope="col">Reason</th>
        </tr>
      </thead>
      <tbody>
        ${sorted.slice(0, LISTED).map(
          (image) =>
            html`<tr>
              <th scope="row" class="name">${image.name}</th>
              <td class="text"><span class="status ${image.status}">${statusWords[image.status]}</span></td>
              <td class="text">
                ${image.reason}${image.hint === null ? null : html` <span class="quiet">${image.hint}</span>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${more(sorted.length)}`;
}

function protectedTable(images: readonly ProtectedReportImage[]): Markup | null {
  if (images.length === 0) return null;
  return html`<h3>Protected (${images.length})</h3>
    <div class="wide">
      <table class="done">
        <caption class="hidden">
          Protected images with their marks and outcome
        </caption>
        <thead>
          <tr>
            <th scope="col">Image</th>
            <th scope="col">Size</th>
            <th scope="col">Marks</th>
            <th scope="col"><abbr title="Inked share of the field of view">Ink</abbr></th>
            <th scope="col">PSNR</th>
            <th scope="col">SSIM</th>
            <th scope="col"><abbr title="Pixels of the marks inside the forbidden zone">Overlap</abbr></th>
            <th scope="col"><abbr title="Pixels to the nearest forbidden one">Clearance</abbr></th>
            <th scope="col"><abbr title="Forwards plus twice the gradients">Queries</abbr></th>
            <th scope="col">Time</th>
            <th scope="col">
              <abbr
                title="Graders whose answer to the file changed, of those that answered as the reference before"
                >Victims changed</abbr
              >
            </th>
            <th scope="col">Surrogates changed</th>
          </tr>
        </thead>
        <tbody>
          ${images.slice(0, LISTED).map(protectedRow)}
        </tbody>
      </table>
    </div>
    ${more(images.length)}`;
}

function protectedRow(image: ProtectedReportImage): Markup {
  const { forwards, gradients } = image.queries;
  return html`<tr>
    <th scope="row" class="name">${image.name}</th>
    <td>${image.width} × ${image.height}</td>
    <td>${image.marks}${image.missing > 0 ? ` of ${image.marks + image.missing}` : null}</td>
    <td>${decimal(image.inkShare * 100, 1)} %</td>
    <td>${decimal(image.psnr, 1)} dB</td>
    <td>${decimal(image.ssim, 3)}</td>
    <td>${image.overlap > 0 ? html`<strong class="alarm">${image.overlap} px</strong>` : '0 px'}</td>
    <td>${image.clearance === null ? '–' : `${decimal(image.clearance, 0)} px`}</td>
    <td>${forwards + 2 * gradients}</td>
    <td>${decimal(image.seconds, 1)} s</td>
    <td>${changed(image, 'victim')}</td>
    <td>${changed(image, 'surrogate')}</td>
  </tr> `;
}

/** "1 of 2": changed answers among the graders that were right before, through the first pipeline. */
function changed({ transfer }: ProtectedReportImage, role: GraderRole): string {
  const right = (transfer?.graders ?? []).filter((grader) => grader.role === role && grader.cleanCorrect);
  if (right.length === 0) return '–';
  const flipped = right.filter((grader) => grader.pipelines[0].protected.class !== grader.reference);
  return `${flipped.length} of ${right.length}`;
}

function more(total: number): Markup | null {
  return total <= LISTED
    ? null
    : html`<p class="fine">
        The first ${LISTED} are listed; ${count(total - LISTED, 'more image')} in report.csv.
      </p>`;
}
