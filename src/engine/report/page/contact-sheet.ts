import type { GraderTransfer } from '../../../shared/transfer.ts';
import { count, decimal } from '../figures.ts';
import type { ReportPicture } from '../picture.ts';
import type { ProtectedReportImage } from '../report-input.ts';
import { html, type Markup } from './markup.ts';

/** Before and after of the pictured images. The outline of the forbidden zone is switched by a check box, without a script. */
export function contactSheet(
  images: readonly ProtectedReportImage[],
  pictures: ReadonlyMap<string, ReportPicture>,
): Markup {
  const shown = images.flatMap((image) => {
    const picture = pictures.get(image.name);
    return picture === undefined ? [] : [{ image, picture }];
  });
  if (shown.length === 0)
    return html`<section id="pictures">
      <h2>Before and after</h2>
      <p>No picture could be made.</p>
    </section>`;
  const choice =
    shown.length === images.length
      ? `All ${count(images.length, 'protected image')}.`
      : `${shown.length} of ${images.length} protected images, evenly spaced in the order of the folder and not chosen by outcome.`;
  const outlined = shown.some(({ picture }) => picture.zone !== null);
  return html`<section id="pictures">
    <h2>Before and after</h2>
    <p class="lead">
      ${choice} Small pictures for orientation; judge marks and lesions in the files themselves. Below each
      pair: what every grader answers before → after, and with the same marks at random places.
    </p>
    ${outlined ? html`<input type="checkbox" id="outline" checked /><label for="outline">Outline the forbidden zone</label>` : null}
    <div class="sheet">${shown.map(({ image, picture }) => card(image, picture))}</div>
  </section>`;
}

function card(image: ProtectedReportImage, picture: ReportPicture): Markup {
  const { width, height } = picture;
  const marks = count(image.marks, 'mark');
  return html`<figure>
    <div class="pair">
      <img
        src="${picture.before}"
        width="${width}"
        height="${height}"
        alt="before protection"
        loading="lazy"
      />
      <div class="after">
        <img
          src="${picture.after}"
          width="${width}"
          height="${height}"
          alt="after protection: ${marks}"
          loading="lazy"
        />${picture.zone === null ? null : html`<svg viewBox="0 0 ${width} ${height}" aria-hidden="true"><path d="${picture.zone}" /></svg>`}
      </div>
    </div>
    <figcaption>
      <span class="name">${image.name}</span
      ><span class="facts"
        >${marks}, ${decimal(image.psnr, 1)}
        dB${image.overlap > 0 ? html`, <strong class="alarm">overlaps the zone by ${image.overlap} px</strong>` : null}</span
      >
      ${
        image.transfer === null
          ? null
          : html`<ul class="answers">
              ${image.transfer.graders.map(answerLine)}
            </ul>`
      }
    </figcaption>
  </figure> `;
}

/** "victim_c: 2 → 0, random 2": the reference and what the grader says through its first pipeline. */
function answerLine(grader: GraderTransfer): Markup {
  const [{ protected: marked, control }] = grader.pipelines;
  const outcome = grader.cleanCorrect
    ? marked.class === grader.reference
      ? 'unchanged'
      : 'changed'
    : 'wrong before, not counted';
  return html`<li>
    <span class="name">${grader.grader}</span> ${grader.direct.class} → ${marked.class}
    <span class="quiet">random ${control.class} · ${outcome}</span>
  </li>`;
}
