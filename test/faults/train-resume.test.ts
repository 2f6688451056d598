import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelCardSchema } from '../../src/shared/train-job.ts';
import { bindingIsInstalled } from '../../src/ml/runtime/tensorflow.ts';
import { createRandom } from '../../src/ml/random.ts';
import { jsonLines, medlocker, startMedlocker, type Ended } from '../end-to-end/medlocker.ts';
import { makeWorkplace, writeEye, type Workplace } from '../end-to-end/workplace.ts';

const EPOCHS = 5;
let place: Workplace;

describe.skipIf(!bindingIsInstalled())('medlocker train (left out without libtensorflow)', () => {
  beforeAll(async () => {
    place = await makeWorkplace(['a.png']);
    const lines = ['file,grade,patient'];
    for (let i = 0; i < 30; i++) {
      await writeEye(place.path('eyes', `${i}.png`), i, 64);
      lines.push(`${i}.png,${i % 5},patient ${Math.floor(i / 10)}-${i % 5}`);
    }
    await writeFile(place.path('labels.csv'), lines.join('\n'));
  }, 60_000);
  afterAll(() => place.remove());

  function args(out: string, more: readonly string[] = []): string[] {
    return [
      ...['train', place.path('eyes'), '--labels', place.path('labels.csv'), '--out', place.path(out)],
      ...['--arch', 'small-mobilenet', '--name', 'tiny', '--size', '32', '--batch', '8', '--threads', '1'],
      ...['--epochs', String(EPOCHS), '--lr', '0.003', '--patience', '0', '--json', ...more],
    ];
  }

  /** What must not depend on interruptions: weights, and the curve without its times. */
  async function outcome(out: string): Promise<unknown> {
    const card = modelCardSchema.parse(JSON.parse(await readFile(place.path(out, 'tiny.card.json'), 'utf8')));
    const text = await readFile(place.path(out, 'epochs.jsonl'), 'utf8');
    const curve = jsonLines(text).map(({ seconds: _, waitShare: __, imagesPerSecond: ___, ...line }) => line);
    const weights = await readFile(place.path(out, 'model', 'weights.bin'));
    return {
      sha256: card.onnx.sha256,
      validation: card.validation,
      curve,
      weights: weights.toString('base64'),
    };
  }

  async function undisturbed(): Promise<unknown> {
    const ended = await medlocker(args('whole'));
    expect(ended.stderr).not.toContain('error');
    expect(ended.code).toBe(0);
    return outcome('whole');
  }

  it('killed at random moments and started again, it gives the curve and the bytes of an undisturbed run', async () => {
    const started = performance.now();
    const expected = await undisturbed();
    const duration = performance.now() - started;
    const random = createRandom(11);
    let kills = 0;
    for (let round = 0; round < 3; round++) {
      const out = `killed-${round}`;
      for (let ended: Ended | undefined; ended?.code !== 0;) {
        const { child, ended: ending } = startMedlocker(args(out));
        await Promise.race([ending, sleep((0.2 + 0.8 * random.next()) * duration)]);
        if (child.exitCode === null && kills < 3 * (round + 1)) {
          child.kill('SIGKILL');
          kills += 1;
        }
        ended = await ending;
      }
      expect(await outcome(out)).toEqual(expected);
      const left = await readdir(place.path(out));
      expect(left.filter((name) => /partial|tmp|draft|stale/.test(name))).toEqual([]);
    }
    expect(kills).toBeGreaterThan(2);
  }, 240_000);

  it('passes over a checkpoint that was cut short, and says so', async () => {
    const expected = await undisturbed();
    const out = 'cut';
    await medlocker(args(out));
    const states = (await readdir(place.path(out))).filter((name) => name.startsWith('state-')).sort();
    const newest = place.path(out, states.at(-1) ?? '');
    await truncate(newest, (await stat(newest)).size - 1);
    const again = await medlocker(args(out));
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/cut short or altered; going on from the checkpoint before it/);
    expect(await outcome(out)).toEqual(expected);
  }, 120_000);

  it('names what cannot be written and keeps the checkpoints before it', async () => {
    await mkdir(place.path('blocked', 'state-00003.bin.partial'), { recursive: true });
    const ended = await medlocker(args('blocked'));
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/cannot write .*state-00003\.bin: /);
    expect(await readdir(place.path('blocked'))).toContain('state-00002.bin');
  }, 60_000);

  it('stops at a loss that is not a number, names the files, and keeps the checkpoint before it', async () => {
    const wild = [
      '--optimiser',
      'sgd',
      '--lr',
      '10',
      '--schedule',
      'step',
      '--warmup',
      '0',
      '--balance',
      '0',
    ];
    const more = [...wild, '--weight-decay', '1', '--augmentation', 'none', '--epochs', '2000'];
    const ended = await medlocker(args('diverged', more));
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/the loss (became|on the validation images became) (NaN|Infinity)/);
    expect(ended.stderr).toMatch(/epoch \d+, batch \d+ \((\d+\.png, ){7}\d+\.png\)|after epoch \d+/);
    const left = await readdir(place.path('diverged'));
    const epochs = jsonLines(await readFile(place.path('diverged', 'epochs.jsonl'), 'utf8'));
    expect(left).toContain(`state-${String(epochs.length).padStart(5, '0')}.bin`);
    expect(epochs.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(left.filter((name) => name.endsWith('.onnx'))).toEqual([]);
  }, 120_000);

  it('starts from the model of an earlier run, with sides from a file', async () => {
    await medlocker(args('whole'));
    await writeFile(place.path('held.csv'), ['file', ...[0, 1, 2, 3, 4].map((i) => `${i}.png`)].join('\n'));
    const init = ['--init', place.path('whole', 'model'), '--trunk-rate', '0', '--epochs', '1'];
    const crossing = await medlocker(args('again', [...init, '--split', place.path('held.csv')]));
    expect(crossing.code).toBe(2);
    expect(crossing.stderr).toMatch(/patient 0-0 stands on both sides|cannot be split/);
    await writeFile(
      place.path('held.csv'),
      ['file', ...Array.from({ length: 10 }, (_, i) => `${i}`)].join('\n'),
    );
    const ended = await medlocker(args('again', [...init, '--split', place.path('held.csv')]));
    expect(ended.stderr).toMatch(/takes (\d+) of \1 tensors \(100\.0 % of the weights\) from model\.json/);
    expect(ended.code).toBe(0);
    const card = await readFile(place.path('again', 'tiny.card.md'), 'utf8');
    expect(card).toContain('20 to train on, 10 to validate on');
    const nothing = await medlocker(args('nothing', ['--init', 'mobilenet']));
    expect(nothing.stderr).toMatch(/neither a bundled backbone nor a file/);
  }, 120_000);

  it('does not mix two runs in one folder, and refuses what is not known', async () => {
    await medlocker(args('whole'));
    const other = await medlocker(args('whole', ['--seed', '2']));
    expect(other.stderr).toMatch(/belongs to a run with another seed/);
    const unknown = await medlocker(args('unknown', ['--arch', 'resnet19']));
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/there is no architecture resnet19[\s\S]*Choose one of: .*small-resnet/);
    expect(await readdir(place.path('eyes'))).toHaveLength(30);
  }, 60_000);

  it('leaves damaged images out with their reason, and the result serves as a surrogate at once', async () => {
    await writeFile(join(place.path('eyes'), '29.png'), 'no picture');
    const ended = await medlocker(args('damaged', ['--epochs', '1']));
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/29\.png is left out: /);
    const result = jsonLines(ended.stdout).find(({ kind }) => kind === 'result');
    const inspected = await medlocker(['models', 'inspect', String(result?.['onnx']), '--json']);
    expect(jsonLines(inspected.stdout)[0]).toMatchObject({
      facts: { classes: 5, gradients: 'all operators: can be a surrogate' },
    });
  }, 60_000);
});
