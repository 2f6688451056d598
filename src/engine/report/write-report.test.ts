import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leftImages, sampleReport } from '../../../test/fixtures/sample-report.ts';
import { summarizeTransfer } from '../../ml/evaluation/transfer-summary.ts';
import type { Raster } from '../../ml/imaging/raster.ts';
import { outlinePath } from './outline-path.ts';
import { makePicture } from './picture.ts';
import { pictured } from './pictured.ts';
import { reportCsv } from './report-csv.ts';
import { reportJsonSchema } from './report-json.ts';
import { printSummaryTable } from './summary-table.ts';
import { writeReport } from './write-report.ts';

const flat = (value: number, width = 300, height = 200): Raster => ({
  width,
  height,
  channels: 3,
  bitDepth: 8,
  data: new Uint8Array(width * height * 3).fill(value),
});

describe('writeReport', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'medlocker-report-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('writes three files and nothing else, the same bytes for the same job', async () => {
    const input = sampleReport({ images: 6, extra: leftImages });
    const pixels = () => Promise.resolve({ original: flat(40), protected: flat(90), zone: null });
    const files = await writeReport(path.join(folder, 'a'), input, pixels);
    expect((await readdir(path.join(folder, 'a'))).toSorted()).toEqual([
      'report.csv',
      'report.html',
      'report.json',
    ]);
    const again = await writeReport(path.join(folder, 'b'), input, pixels);
    for (const kind of ['html', 'json', 'csv'] as const)
      expect(await readFile(files[kind], 'utf8')).toBe(await readFile(again[kind], 'utf8'));
    const json = reportJsonSchema.parse(JSON.parse(await readFile(files.json, 'utf8')));
    expect(json.summary.images).toBe(6);
    expect(json.report).toEqual(input);
  });

  it('asks for the pixels of at most so many images, and survives those it cannot get', async () => {
    const asked: string[] = [];
    const files = await writeReport(
      folder,
      sampleReport({ images: 40 }),
      ({ name }) => {
        asked.push(name);
        if (asked.length === 1) return Promise.reject(new Error('the file is gone'));
        if (asked.length === 2) return Promise.resolve(null);
        return Promise.resolve({ original: flat(40), protected: flat(90), zone: null });
      },
      { maxPictures: 5 },
    );
    expect(asked).toHaveLength(5);
    const page = await readFile(files.html, 'utf8');
    expect(page.match(/<figure>/g)).toHaveLength(3);
    expect(page).toContain('3 of 40 protected images');
  });

  it('refuses an input that breaks the schema before it writes anything', async () => {
    const input = sampleReport({ images: 1 });
    const broken = { ...input, title: '' };
    await expect(writeReport(folder, broken, () => Promise.resolve(null))).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('pictured', () => {
  it('spreads evenly over the folder, whatever came out', () => {
    const { images } = sampleReport({ images: 100 });
    const names = pictured([...leftImages, ...images], 4).map((image) => image.name);
    expect(names).toEqual([12, 37, 62, 87].map((i) => images[i].name));
    expect(pictured(images.slice(0, 3), 4)).toHaveLength(3);
  });
});

describe('makePicture', () => {
  it('fits both thumbnails into 256 px, keeps the shape and never enlarges', async () => {
    const wide = await makePicture({
      original: flat(40, 1024, 512),
      protected: flat(90, 1024, 512),
      zone: null,
    });
    expect([wide.width, wide.height]).toEqual([256, 128]);
    const small = await makePicture({ original: flat(40, 31, 64), protected: flat(90, 31, 64), zone: null });
    expect([small.width, small.height]).toEqual([31, 64]);
    const bytes = Buffer.from(small.after.split(',')[1], 'base64');
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([31, 64]);
    expect(Math.abs(data[0] - 90)).toBeLessThan(4);
  });

  it('takes grey, 16-bit and transparent images', async () => {
    for (const raster of [
      { width: 9, height: 9, channels: 1, bitDepth: 8, data: new Uint8Array(81) },
      { width: 9, height: 9, channels: 4, bitDepth: 16, data: new Uint16Array(324).fill(65535) },
    ] as const)
      expect((await makePicture({ original: raster, protected: raster, zone: null })).before).toMatch(
        /^data:image\/webp/,
      );
  });
});

describe('outlinePath', () => {
  it('draws the border of a box as four segments, without the rim of the image', () => {
    const data = new Uint8Array(64);
    for (let y = 2; y < 5; y++) for (let x = 3; x < 7; x++) data[8 * y + x] = 1;
    expect(outlinePath({ width: 8, height: 8, data }, 8, 8)).toBe('M3 2H7M3 5H7M3 2V5M7 2V5');
    expect(outlinePath({ width: 8, height: 8, data: new Uint8Array(64).fill(1) }, 8, 8)).toBe('');
  });

  it('reduces a mask to the cells it covers at least by half', () => {
    const data = new Uint8Array(64).fill(1, 0, 32);
    expect(outlinePath({ width: 8, height: 8, data }, 4, 4)).toBe('M0 2H4');
  });
});

describe('reportCsv', () => {
  const { images } = sampleReport({ images: 3 });
  const rowsOf = (text: string) => parse<Record<string, string>>(text, { columns: true, bom: false });

  it('has a row per image, grader and pipeline, and one for every other image', () => {
    const rows = rowsOf(reportCsv([...images, ...leftImages]));
    expect(rows).toHaveLength(3 * 4 * 3 + 3);
    expect(rows.at(-3)).toMatchObject({ status: 'no-room', grader: '', attack_success: '' });
  });

  it('says where the zone came from and why the lesion network was unsure', () => {
    const [first] = images;
    if (first.status !== 'protected') throw new Error('the sample starts with a protected image');
    const doubtful = {
      ...first,
      zoneKinds: ['segmentation', 'landmark'],
      zoneDoubts: ['too dark', 'no disc'],
    };
    expect(rowsOf(reportCsv([doubtful]))[0]).toMatchObject({
      zone: 'segmentation landmark',
      zone_doubts: 'too dark; no disc',
    });
  });

  it('agrees with the summary when its rows are counted again', () => {
    const report = sampleReport({ images: 60 });
    const summary = summarizeTransfer(
      report.images.flatMap((image) =>
        image.status === 'protected' && image.transfer ? [image.transfer] : [],
      ),
    );
    const rows = rowsOf(reportCsv(report.images));
    for (const row of summary.rows.filter((each) => each.scope === 'grader')) {
      const own = rows.filter((r) => r['grader'] === row.grader && r['pipeline'] === row.pipeline);
      const count = (column: string): number => own.filter((r) => r[column] === '1').length;
      expect(count('clean_correct')).toBe(row.attack.protected.n);
      expect(count('attack_success')).toBe(row.attack.protected.k);
      expect(count('control_success')).toBe(row.attack.control.k);
      expect(count('pipeline_alone_changes')).toBe(row.attack.noiseFloor.k);
    }
  });

  it('keeps hostile names in one field and out of a spreadsheet’s formulas', () => {
    const names = ['=HYPERLINK("x")', '+1', 'a,"b"\r\nc', '-2', '@sum', '\tx'];
    const rows = rowsOf(
      reportCsv(names.map((name) => ({ status: 'failed', name, reason: 'r', code: null, hint: null }))),
    );
    expect(rows.map((row) => row['image'])).toEqual([
      `'=HYPERLINK("x")`,
      "'+1",
      'a,"b"\r\nc',
      "'-2",
      "'@sum",
      "'\tx",
    ]);
  });
});

describe('printSummaryTable', () => {
  it('aligns its columns and leaves out pools of one', () => {
    const one = { name: 'only', role: 'victim' as const, odds: { marks: 0.6, random: 0.2, alone: 0.1 } };
    const { images } = sampleReport({ graders: [one] });
    const lines = printSummaryTable(
      summarizeTransfer(images.flatMap((i) => (i.status === 'protected' && i.transfer ? [i.transfer] : []))),
    ).split('\n');
    expect(lines[0]).toMatch(/^grader\s+role\s+pipeline\s+marks\s+random marks\s+noise floor\s+n/);
    expect(lines.slice(1, 4).every((line) => line.startsWith('only '))).toBe(true);
    const column = lines[0].indexOf('random marks');
    for (const line of lines.slice(1, 4)) expect(line.slice(column)).toMatch(/^\d+ % \[/);
  });

  it('shows control characters of a grader’s name instead of sending them to the terminal', () => {
    const evil = {
      name: 'a\u001b[2Jb',
      role: 'victim' as const,
      odds: { marks: 0.6, random: 0.2, alone: 0.1 },
    };
    const { images } = sampleReport({ graders: [evil] });
    const table = printSummaryTable(
      summarizeTransfer(images.flatMap((i) => (i.status === 'protected' && i.transfer ? [i.transfer] : []))),
    );
    expect(table).not.toContain('\u001b');
    expect(table).toContain('a‹U+001B›[2Jb');
  });

  it('says so when nothing was measured', () => {
    expect(printSummaryTable(summarizeTransfer([]))).toBe('No effect was measured.');
  });
});
