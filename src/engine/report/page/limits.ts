import type { ReportInput } from '../report-input.ts';
import { html, type Markup } from './markup.ts';

/**
 * What one sentence at the head says about removal, by the kind of mark: separate marks can be inpainted away, a mesh makes
 * removal itself costly.
 */
export function removalWarning({ mark }: ReportInput['settings']): string {
  return mark.kind === 'tiled-text'
    ? 'Somebody who removes the text damages the image as well; that, more than the marks themselves, is what is left of the protection after removal.'
    : 'Somebody who knows where the marks are and inpaints them gets the effect down to what inpainting itself costs. Separate marks do not withstand removal.';
}

/** Measured beforehand on 60 validation images; not part of this job. Columns: marks, marked, inpainted, inpainting alone. */
const removal = [
  ['1 plain logo, a quarter of the side', '26 / 13', '5 / 13', '5 / 13'],
  ['3 textured marks, a seventh each', '64 / 58', '8 / 16', '8 / 16'],
  ['5 textured marks, a ninth each', '72 / 62', '18 / 11', '18 / 11'],
  ['tiled textured text over the retina', '77 / 67', '21 / 42', '21 / 42'],
] as const;

/** What the marks do not withstand, and what nobody has measured. */
export function limitsSection(report: ReportInput): Markup {
  return html`<section id="limits">
    <h2>What this protection does not withstand</h2>
    <div class="columns">
      <div>
        <p>${removalWarning(report.settings)}</p>
        <table class="removal">
          <caption>
            Share of answers that change, in %, two graders outside the search; n 39 and 45; measured
            beforehand on other images, not in this job
          </caption>
          <thead>
            <tr>
              <th scope="col">Marks</th>
              <th scope="col">marked</th>
              <th scope="col">after inpainting the ink</th>
              <th scope="col">inpainting alone, no mark</th>
            </tr>
          </thead>
          <tbody>
            ${removal.map(
              ([name, ...cells]) =>
                html`<tr>
                  <th scope="row">${name}</th>
                  ${cells.map((cell) => html`<td>${cell}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
        <p class="fine">
          Inpainting: Telea's method over the ink widened by 2 px, at 224 px. The two last columns are equal:
          lesion-free retina under a mark carries no answer, so nothing of the mark's effect is left once it
          is filled. Learned removers may do better and were not measured.
        </p>
      </div>
      <ul>
        ${plainLogo(report.settings)}
        <li>
          <strong>Retraining.</strong> A grader trained on marked images may learn to ignore the marks. Not
          measured.
        </li>
        <li>
          <strong>Unrelated and strong graders.</strong> The figures hold for the graders named here. Graders
          of unrelated ancestry, and strong clinical ones (quadratic kappa above 0.8), are likely to be harder
          to mislead.
        </li>
        <li>
          <strong>Secrecy of the pixels.</strong> A known logo can be inverted to about 50 dB by anybody.
          Exact pixels need the licence; the marks are not encryption.
        </li>
        <li>
          <strong>The zone.</strong> Marks keep off the forbidden zone only. A zone from Grad-CAM shows where
          a grader looks and is not a lesion mask: lesions outside it can be covered.
        </li>
        <li>
          <strong>Heavy processing.</strong> Median filters and similar change most answers by themselves, on
          unmarked images too: they are no way to remove marks.
        </li>
      </ul>
    </div>
  </section>`;
}

/** What was measured for the published kind of mark, whatever this job's own figures are. */
function plainLogo({ mark }: ReportInput['settings']): Markup | null {
  return mark.kind === 'logo' && mark.count === 1 && mark.texture === 0
    ? html`<li>
        <strong>One plain logo.</strong> On graders the search did not see it changed 14 to 20&nbsp;% of the
        answers, JPEG alone 15&nbsp;%, whatever its size, opacity or place.
      </li>`
    : null;
}
