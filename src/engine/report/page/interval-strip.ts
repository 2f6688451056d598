import type { Rate, TransferRow } from '../../../shared/transfer.ts';
import { html, type Markup } from './markup.ts';

const WIDTH = 220;
const HEIGHT = 34;
const MARGIN = 6;
const ticks = [0, 0.25, 0.5, 0.75, 1] as const;

/**
 * One row of the effect table as a picture: marks (filled dot), the same marks at random places (ring) and the pipeline alone
 * (bar), each with its interval, on a common axis from 0 to 100 %. The figures stand beside it, so it is hidden from readers.
 */
export function intervalStrip({ attack, pipeline }: TransferRow): Markup {
  return html`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">
    ${ticks.map((tick) => html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="0" y2="${HEIGHT}" />`)}
    ${lane('marks', attack.protected, 8)}${lane('random', attack.control, 17)}${pipeline === 'direct' ? null : lane('alone', attack.noiseFloor, 26)}
  </svg>`;
}

/** The axis above the strips. */
export function intervalAxis(): Markup {
  return html`<svg class="strip axis" viewBox="0 0 ${WIDTH} 14" aria-hidden="true">
    ${ticks.map(
      (tick) =>
        html`<text x="${x(tick)}" y="11" text-anchor="${anchor(tick)}"
          >${tick * 100}${tick === 1 ? ' %' : null}</text
        >`,
    )}
  </svg>`;
}

/** What the three glyphs mean, as a line of text and glyphs. */
export function stripLegend(): Markup {
  const glyph = (kind: 'marks' | 'random' | 'alone', words: string): Markup =>
    html`<span class="key"
      ><svg viewBox="0 0 26 12" aria-hidden="true">
        <line class="range ${kind}" x1="2" x2="24" y1="6" y2="6" />
        ${point(kind, 13, 6)}</svg
      >${words}</span
    >`;
  return html`<p class="legend">
    ${glyph('marks', 'marks of this job')} ${glyph('random', 'the same marks, plain, at random legal places')}
    ${glyph('alone', 'no mark: the handling alone (noise floor)')}
    <span class="key">lines: 95 % Wilson interval</span>
  </p>`;
}

function lane(kind: 'marks' | 'random' | 'alone', { rate, low, high }: Rate, y: number): Markup | null {
  if (rate === null) return null;
  return html`<line
      class="range ${kind}"
      x1="${x(low)}"
      x2="${x(high)}"
      y1="${y}"
      y2="${y}"
    />${point(kind, x(rate), y)}`;
}

function point(kind: 'marks' | 'random' | 'alone', cx: number, cy: number): Markup {
  return kind === 'alone'
    ? html`<line class="point alone" x1="${cx}" x2="${cx}" y1="${cy - 4}" y2="${cy + 4}" />`
    : html`<circle class="point ${kind}" cx="${cx}" cy="${cy}" r="3.6" />`;
}

function x(rate: number): number {
  return Math.round((MARGIN + rate * (WIDTH - 2 * MARGIN)) * 10) / 10;
}

function anchor(tick: number): string {
  if (tick === 0) return 'start';
  return tick === 1 ? 'end' : 'middle';
}
