import type { ReportInput } from '../report-input.ts';
import { pipelineWords } from '../figures.ts';
import { html, type Markup } from './markup.ts';

/** What was asked for, and with which files: enough to run the same job again. */
export function settingsSection(report: ReportInput): Markup {
  const { settings, certificate, logo, lesionNetwork } = report;
  const { mark, search } = settings;
  const isLogo = mark.kind === 'logo';
  return html`<section id="settings">
    <h2>Settings and identities</h2>
    <div class="columns">
      <dl>
        ${entry('Preset', settings.preset)}
        ${entry('Mark', isLogo ? `logo ${logo?.name ?? ''}` : `${mark.kind === 'text' ? 'text' : 'tiled text'} “${mark.text}”`)}
        ${entry('Number and size', `${mark.count}, ${share(mark.size)} of the field's diameter, down to ${share(mark.minimumSize)}`)}
        ${entry('Rotation', `${mark.rotation}°`)}
        ${entry('Opacity', mark.opacity === mark.minimumOpacity ? share(mark.opacity) : `${share(mark.minimumOpacity)} to ${share(mark.opacity)}`)}
        ${entry('Ink texture', mark.texture === 0 ? 'none' : `±${share(mark.texture)} of the sample range, ${search.textureSteps} steps`)}
        ${entry('Search', `${search.method}, at most ${search.budget} queries an image`)}
        ${entry('Search looks through', search.pipelines.map(pipelineWords).join('; '))}
        ${entry('Measured through', report.pipelines.map((id) => `${pipelineWords(id)} (${id})`).join('; '))}
        ${entry('Seed', String(settings.seed))}
      </dl>
      <dl>
        ${certificate === null ? entry('Certificate', 'none written') : html`${entry('Signed by', code(certificate.signer))}${entry('Merkle root', code(certificate.root))}`}
        ${report.settingsSha256 === null ? null : entry('Settings SHA-256', code(report.settingsSha256))}
        ${logo === null ? null : entry('Logo SHA-256', code(logo.sha256))}
        ${lesionNetwork === null ? null : html`${entry('Lesion network', lesionNetwork.name)}${entry('SHA-256 with its card', code(lesionNetwork.sha256))}`}
        ${entry('MedLocker', report.version)}
        ${Object.entries(report.versions).map(([name, version]) => entry(name, version))}
      </dl>
    </div>
    ${graderTable(report)}
  </section>`;
}

function graderTable({ graders }: ReportInput): Markup | null {
  if (graders.length === 0) return null;
  return html`<h3>Graders</h3>
    <div class="wide">
      <table class="graders">
        <caption class="hidden">
          Graders with the hash of their file
        </caption>
        <thead>
          <tr>
            <th scope="col">Grader</th>
            <th scope="col">Part</th>
            <th scope="col">Input</th>
            <th scope="col">Classes</th>
            <th scope="col">Ran on</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          ${graders.map(
            (grader) =>
              html`<tr>
                <th scope="row" class="name">${grader.name}</th>
                <td class="text">${grader.role}</td>
                <td>${grader.inputWidth} × ${grader.inputHeight}</td>
                <td>${grader.classes}</td>
                <td class="text">${grader.device}</td>
                <td class="text">${code(grader.id)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function entry(name: string, value: string | Markup): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function code(text: string): Markup {
  return html`<code>${text}</code>`;
}

function share(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10}\u00a0%`;
}
