import type { GraderRole, TransferRow, TransferSummary } from '../../../shared/transfer.ts';
import { count, decimal, percent, pipelineWords, points, verdictWords, withInterval } from '../figures.ts';
import { html, type Markup } from './markup.ts';
import { intervalAxis, intervalStrip, stripLegend } from './interval-strip.ts';

/** Every rate with its n and interval, beside random marks and the noise floor; victims first, pooled rows before single ones. */
export function effectSection(summary: TransferSummary): Markup {
  if (summary.rows.length === 0)
    return html`<section id="effect">
      <h2>Effect</h2>
      <p>No effect was measured: no image was protected, or no grader was given.</p>
    </section>`;
  const groups = (['victim', 'surrogate'] as const).flatMap((role) => groupsOf(summary.rows, role));
  return html`<section id="effect">
    <h2>Effect on graders</h2>
    <p class="lead">${counted(summary)}</p>
    ${stripLegend()}
    <div class="wide">
      <table class="effect">
        <caption class="hidden">
          Share of counted answers that change, per grader and handling of the image
        </caption>
        <thead>
          <tr>
            <th scope="col">Handling</th>
            <th scope="col" class="plot">
              <span class="hidden">Share and interval, drawn</span>${intervalAxis()}
            </th>
            <th scope="col">Marks</th>
            <th scope="col">Random marks</th>
            <th scope="col">No mark</th>
            <th scope="col">
              <abbr
                title="Percentage points by which the marks exceed random marks; interval resampled by image"
                >Gain</abbr
              >
            </th>
            <th scope="col">n</th>
            <th scope="col">
              <abbr
                title="Answers that cross from not referable to referable (grade 2) or back; random marks in brackets"
                >Referable flips</abbr
              >
            </th>
            <th scope="col">
              <abbr
                title="Share of all images answered as the reference says: without marks, with marks, with random marks"
                >As reference</abbr
              >
            </th>
            <th scope="col">Reading</th>
          </tr>
        </thead>
        ${groups}
      </table>
    </div>
    <ul class="notes">
      ${summary.notes.map((note) => html`<li>${note}</li>`)}
    </ul>
    ${qualityTable(summary.rows)}
  </section>`;
}

function counted({ images, labelled }: TransferSummary): string {
  if (labelled === images)
    return 'Counted are the images a grader answers correctly before protection. A change is an answer that then differs from the label.';
  const own = "the reference is the grader's own answer before protection, right or wrong";
  return labelled === 0
    ? `No labels were given: every image counts, and ${own}.`
    : `Counted are the images a grader answers as the reference says before protection: the label, or without one ${own}.`;
}

function groupsOf(rows: readonly TransferRow[], role: GraderRole): Markup[] {
  const own = rows.filter((row) => row.role === role);
  const pooled = own.filter((row) => row.scope === 'pooled');
  const single = Map.groupBy(
    own.filter((row) => row.scope === 'grader'),
    (row) => row.graderId ?? '',
  );
  const groups = [...single.values()].map((group) =>
    groupBody(
      group,
      group[0].grader ?? '',
      role === 'victim' ? 'victim: unseen by the search' : 'surrogate: used in the search',
    ),
  );
  // With a single grader the pooled rows would only repeat it.
  if (single.size < 2) return groups;
  const title = role === 'victim' ? `All ${single.size} victims` : `All ${single.size} surrogates`;
  return [groupBody(pooled, title, 'pooled: every image counts once per grader'), ...groups];
}

function groupBody(rows: readonly TransferRow[], title: string, role: string): Markup {
  return html`<tbody>
    <tr class="group">
      <th colspan="10" scope="rowgroup">${title} <span>${role}</span></th>
    </tr>
    ${rows.map(effectRow)}
  </tbody>`;
}

function effectRow(row: TransferRow): Markup {
  const { attack, match, referable } = row;
  return html`<tr class="${row.verdict}">
    <th scope="row">${pipelineWords(row.pipeline)}</th>
    <td class="plot">${intervalStrip(row)}</td>
    <td class="strong">${withInterval(attack.protected)}</td>
    <td>${withInterval(attack.control)}</td>
    <td>${row.pipeline === 'direct' ? '–' : withInterval(attack.noiseFloor)}</td>
    <td>${points(attack.advantage)}</td>
    <td>${attack.protected.k} of ${attack.protected.n}</td>
    <td>
      ${referable === null ? '–' : `${percent(referable.protected.rate)} (${percent(referable.control.rate)})`}
    </td>
    <td>${percent(match.clean.rate)} → ${percent(match.protected.rate)} (${percent(match.control.rate)})</td>
    <td class="reading">${verdictMark(row)}</td>
  </tr> `;
}

/** Never by colour alone: the words say it. */
export function verdictMark({ verdict }: Pick<TransferRow, 'verdict'>): Markup {
  return html`<span class="verdict ${verdict}">${verdictWords[verdict]}</span>`;
}

function qualityTable(rows: readonly TransferRow[]): Markup | null {
  const measured = rows.flatMap((row) =>
    row.quality === null ? [] : [{ row, quality: row.quality, n: row.match.clean.n }],
  );
  if (measured.length === 0) return null;
  const triple = (pick: (quality: NonNullable<TransferRow['quality']>['clean']) => number | null) =>
    measured.map(({ quality }) =>
      [quality.clean, quality.protected, quality.control].map((each) => decimal(pick(each), 2)),
    );
  const balanced = triple((quality) => quality.balancedAccuracy);
  const kappa = triple((quality) => quality.quadraticKappa);
  const auc = triple((quality) => quality.referableAuc);
  const cells = (values: readonly string[]): Markup[] =>
    values.map((value, i) => (i === 0 ? html`<td class="first">${value}</td>` : html`<td>${value}</td>`));
  const heads = ['no mark', 'marks', 'random'].map(
    (word, i) => html`<th scope="col" class="${i === 0 ? 'first' : 'other'}">${word}</th>`,
  );
  return html`<h3>Grading quality against the labels</h3>
    <div class="wide">
      <table class="quality">
        <caption class="hidden">
          Grading quality without marks, with marks and with random marks
        </caption>
        <thead>
          <tr>
            <th scope="col" rowspan="2">Grader</th>
            <th scope="col" rowspan="2" class="text">Handling</th>
            <th scope="col" rowspan="2">n</th>
            <th scope="colgroup" colspan="3" class="first">Balanced accuracy</th>
            <th scope="colgroup" colspan="3" class="first">Quadratic weighted kappa</th>
            <th scope="colgroup" colspan="3" class="first">Referable AUC</th>
          </tr>
          <tr>
            ${heads}${heads}${heads}
          </tr>
        </thead>
        <tbody>
          ${measured.map(
            ({ row, n }, i) =>
              html`<tr>
                <th scope="row">${row.grader}</th>
                <td class="text">${pipelineWords(row.pipeline)}</td>
                <td>${n}</td>
                ${cells(balanced[i])}${cells(kappa[i])}${cells(auc[i])}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="fine">
      Over ${count(measured[0].n, 'labelled image')}, whether answered correctly before or not.
    </p>`;
}
