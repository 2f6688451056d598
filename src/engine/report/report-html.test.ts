import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { leftImages, sampleReport } from '../../../test/fixtures/sample-report.ts';
import { summarizeTransfer } from '../../ml/evaluation/transfer-summary.ts';
import type { TransferSummary } from '../../shared/transfer.ts';
import type { ReportPicture } from './picture.ts';
import { reportHtml } from './report-html.ts';
import type { ReportInput } from './report-input.ts';

const summaryOf = (report: ReportInput): TransferSummary =>
  summarizeTransfer(
    report.images.flatMap((image) =>
      image.status === 'protected' && image.transfer !== null ? [image.transfer] : [],
    ),
  );
const render = (report: ReportInput, pictures = new Map<string, ReportPicture>()): string =>
  reportHtml(report, summaryOf(report), pictures);

/** The text a reader sees, without markup. */
const textOf = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

const pixel = 'data:image/webp;base64,UklGRg==';
const picture: ReportPicture = { width: 64, height: 48, before: pixel, after: pixel, zone: 'M0 1H5' };

const victim = (marks: number, random: number, alone: number) => ({
  name: 'unseen',
  role: 'victim' as const,
  odds: { marks, random, alone },
});

describe('the HTML report', () => {
  const report = sampleReport({ extra: leftImages });
  const page = render(report, new Map([['batch-2/IMG_4101.png', picture]]));

  it('is one file that loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<iframe|<object|@import|url\(/i);
    expect(page.match(/(?:src|href)="(?!data:image\/webp;base64,|#)/g)).toBeNull();
    expect(page).not.toMatch(/https?:/);
    expect(page).not.toMatch(/ on[a-z]+=| style=/i);
  });

  it('admits its own style sheet only, by the hash of exactly what stands in the page', () => {
    const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? '';
    const digest = createHash('sha256').update(style).digest('base64');
    expect(page).toContain(
      `default-src 'none'; img-src data:; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it('nests and closes its elements', () => {
    const open: string[] = [];
    for (const [, slash, name, rest] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/gi)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (!/^(meta|img|input|br)$/.test(name) && !rest.endsWith('/')) open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('says what does not hold before what holds', () => {
    const text = textOf(page);
    expect(text.indexOf('What does not hold')).toBeGreaterThan(0);
    expect(text.indexOf('What does not hold')).toBeLessThan(text.indexOf('What holds'));
    expect(text).toContain('Separate marks do not withstand removal');
  });

  it('names the one grader that is not misled, although the pool of graders is', () => {
    const failing = textOf(/<div class="not">(.*?)<div class="holds">/s.exec(page)?.[1] ?? '');
    expect(failing).toContain('densenet_d by itself, unseen by the search');
    expect(failing).not.toContain('resnet_c');
    const holding = textOf(/<div class="holds">(.*?)<\/section>/s.exec(page)?.[1] ?? '');
    expect(holding).toContain('2 graders unseen by the search');
  });

  it('lists every image that was not protected, with its reason', () => {
    for (const image of leftImages) {
      expect(textOf(page)).toContain(image.name);
      if (image.status !== 'protected') expect(textOf(page)).toContain(image.reason);
    }
  });

  it('says how many images are pictured and that they were not picked by outcome', () => {
    expect(textOf(page)).toContain('1 of 60 protected images, evenly spaced');
  });

  it('gives every image a text and every table a caption', () => {
    for (const [tag] of page.matchAll(/<img [^>]*>/g)) expect(tag).toMatch(/alt="[^"]+"/);
    expect(page.match(/<table/g)?.length).toBe(page.match(/<caption/g)?.length);
  });
});

describe('what the report claims', () => {
  it('claims nothing for a mark at the noise floor', () => {
    const page = render(sampleReport({ preset: 'published', graders: [victim(0.17, 0.1, 0.15)] }));
    const text = textOf(page);
    expect(text).toContain('Nothing: no figure lies above both random marks and the noise floor.');
    expect(text).toContain('no protection is shown');
    expect(text).toContain('One plain logo.');
  });

  it('says that nothing is known about unseen graders when none was given', () => {
    const surrogate = { ...victim(0.9, 0.1, 0.1), role: 'surrogate' as const };
    expect(textOf(render(sampleReport({ graders: [surrogate] })))).toContain(
      'No unseen grader was measured.',
    );
  });

  it('does not call an answer correct that no label confirms', () => {
    const text = textOf(render(sampleReport({ labelled: false })));
    expect(text).toContain('No labels were given');
    expect(text).not.toContain('correct answer');
  });

  it('does not blame the marks alone where there are too few answers to show anything', () => {
    const text = textOf(render(sampleReport({ images: 6, graders: [victim(0.6, 0.1, 0.1)] })));
    expect(text).toContain('So few answers could not show it either.');
  });

  it('says so when nothing was measured at all', () => {
    const text = textOf(render(sampleReport({ graders: [], images: 3 })));
    expect(text).toContain('No effect was measured');
  });

  it('does not promise that a mesh withstands removal', () => {
    const text = textOf(render(sampleReport({ preset: 'mesh' })));
    expect(text).toContain('removes the text damages the image as well');
    expect(text).not.toContain('Separate marks do not withstand removal');
  });

  it('raises an alarm for a mark that touches the zone', () => {
    const report = sampleReport({ images: 4 });
    const [first, ...others] = report.images;
    if (first.status !== 'protected') throw new Error('the sample starts with a protected image');
    const page = render({ ...report, images: [{ ...first, overlap: 12 }, ...others] });
    expect(page).toContain('<strong class="alarm">12 px</strong>');
    expect(textOf(page)).toContain('marks on forbidden pixels');
  });

  it('warns where no annotation says where the lesions are', () => {
    expect(textOf(render(sampleReport({ images: 8 })))).toContain('Lesions are not known on 2 images');
  });

  it('says how many zones a lesion network drew, what it misses, and of which images it was unsure', () => {
    const base = sampleReport({ images: 8 });
    const images = base.images.map((image, i): typeof image =>
      image.status === 'protected' && i < 5
        ? {
            ...image,
            zoneKinds: i === 0 ? ['annotation', 'segmentation'] : ['segmentation', 'landmark'],
            zoneDoubts: i < 2 ? ['21 % of the retina is overexposed', 'no optic disc'] : [],
          }
        : image,
    );
    const lesionNetwork = { name: 'lesion-network.onnx', sha256: 'e'.repeat(64), bundled: true };
    const page = render({ ...base, images, lesionNetwork });
    const text = textOf(/<div class="not">(.*?)<div class="holds">/s.exec(page)?.[1] ?? '');
    expect(text).toContain(
      'A lesion network drew the zone of 5 images (63 %). A person has marked lesions on 1 of them',
    );
    expect(text).toContain(
      '95 % [92–98] of exudates and haemorrhages (n 2842) and 87 % [84–92] of microaneurysms',
    );
    expect(text).toContain('The network was unsure of 2 images (25 %).');
    expect(text).toContain('IMG_4101.png : 21 % of the retina is overexposed; no optic disc');
    expect(text).not.toContain('Lesions are not known');
    expect(textOf(page)).toContain('e'.repeat(64));

    const own = textOf(render({ ...base, images, lesionNetwork: { ...lesionNetwork, bundled: false } }));
    expect(own).toContain('How many it misses is not known here');
    expect(own).not.toContain('of exudates and haemorrhages');
    expect(textOf(render(base))).not.toMatch(/lesion network/i);
  });

  it('survives a folder without a single protected image', () => {
    const text = textOf(render(sampleReport({ images: 0, extra: leftImages })));
    expect(text).toContain('No picture could be made');
    expect(text).toContain('Not protected (3)');
  });
});

describe('hostile names', () => {
  const hostile = [
    '<img src=x onerror=alert(1)>.png',
    '"><script>alert(1)</script>.png',
    "' onmouseover='alert(1).png",
    '&lt;b&gt;.png',
    'invoice\u202Egnp.exe',
    'line\nbreak\u0000\u001b[31m.png',
    '${process.exit()}.png',
    '</style></title><svg onload=alert(1)>',
  ];

  it('are shown as text, wherever they stand', () => {
    const base = sampleReport({ images: hostile.length, title: hostile[1] });
    const named: ReportInput = {
      ...base,
      graders: base.graders.map((grader, i) => ({ ...grader, name: hostile[i], device: hostile[0] })),
      logo: { name: hostile[0], sha256: hostile[1] },
      versions: { [hostile[0]]: hostile[1] },
      images: [
        ...base.images.map((image, i) => ({ ...image, name: hostile[i] })),
        { status: 'failed', name: hostile[7], reason: hostile[0], code: null, hint: hostile[1] },
      ],
    };
    const pictures = new Map(hostile.map((name) => [name, picture]));
    const page = render(named, pictures);
    const clean = render(base, new Map(base.images.map((image) => [image.name, picture])));
    const tags = (text: string): Set<string> =>
      new Set([...text.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag));
    // No element and no attribute that the harmless report does not have as well.
    expect([...tags(page)].filter((tag) => !tags(clean).has(tag))).toEqual([]);
    expect(page).not.toMatch(/<[^>]* on[a-z]+\s*=/i);
    expect(page).not.toMatch(/[\u0000\u001b\u202e]/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;.png');
    expect(page).toContain('invoice‹U+202E›gnp.exe');
    expect(page).toContain('&amp;lt;b&amp;gt;.png');
  });
});
