import { createHash } from 'node:crypto';
import type { TransferSummary } from '../../shared/transfer.ts';
import { contactSheet } from './page/contact-sheet.ts';
import { effectSection } from './page/effect-table.ts';
import { headSection } from './page/head-section.ts';
import { imageSection } from './page/image-list.ts';
import { limitsSection } from './page/limits.ts';
import { html, trusted } from './page/markup.ts';
import { settingsSection } from './page/settings-section.ts';
import { style } from './page/style.ts';
import type { ReportPicture } from './picture.ts';
import type { ProtectedReportImage, ReportInput } from './report-input.ts';

/**
 * The whole report as one file that loads nothing: pictures are data URIs, there is no script, and the content security
 * policy admits only this style sheet (by its hash) and data images.
 */
export function reportHtml(
  report: ReportInput,
  summary: TransferSummary,
  pictures: ReadonlyMap<string, ReportPicture>,
): string {
  const done = report.images.filter((image): image is ProtectedReportImage => image.status === 'protected');
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${digest(style)}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${trusted(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${report.title} – MedLocker transfer report</title>
        ${trusted(`<style>${style}</style>`)}
      </head>
      <body>
        <main>
          ${headSection(report, summary)}
          <nav aria-label="Sections">
            <a href="#effect">Effect</a><a href="#pictures">Before and after</a><a href="#images">Images</a
            ><a href="#limits">Limits</a><a href="#settings">Settings</a>
          </nav>
          ${effectSection(summary)} ${contactSheet(done, pictures)} ${imageSection(report.images)}
          ${limitsSection(report)} ${settingsSection(report)}
          <footer>
            Every row behind these figures is in report.csv, the same content for programs in report.json.
          </footer>
        </main>
      </body>
    </html> `.markup;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
