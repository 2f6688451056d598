import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Preview, ProtectChoice } from '../../src/shared/contract/jobs.ts';
import { writeEye } from '../end-to-end/workplace.ts';
import { readyEngine } from './protected-by-window.ts';

let place: Awaited<ReturnType<typeof readyEngine>>;

beforeAll(async () => {
  place = await readyEngine(['a.png', 'b.png']);
});
afterAll(() => place.remove());

const marked = (opacity: number): ProtectChoice => {
  const { mark } = place.choice.settings;
  return {
    ...place.choice,
    settings: {
      ...place.choice.settings,
      mark: { ...mark, opacity, minimumOpacity: opacity, minimumPsnr: null, texture: 0 },
    },
  };
};

async function preview(
  choice: ProtectChoice,
  path = 'a.png',
): Promise<Extract<Preview, { kind: 'preview' }>> {
  const made = await place.engine.ask('preview.make', { choice, path });
  if (made.kind !== 'preview') throw new Error(made.reason);
  return made;
}

describe('a preview', () => {
  it('shows stronger marks as a larger change on the same picture and zone', async () => {
    const weak = await preview(marked(0.2));
    const strong = await preview(marked(0.8));
    expect(weak).toMatchObject({ marks: 2, missing: 0, before: { width: 160, height: 160 } });
    expect(strong.before.id).toBe(weak.before.id);
    expect(strong.zone.id).toBe(weak.zone.id);
    expect(strong.after.id).not.toBe(weak.after.id);
    expect(strong.psnr ?? 0).toBeLessThan(weak.psnr ?? 0);
    expect(strong.predictions).toHaveLength(1);
    expect((await preview(marked(0.2))).psnr).toBe(weak.psnr);
  });

  it('gives way to a newer one', async () => {
    const replies = await Promise.all(
      [0.3, 0.4, 0.5].map((opacity) =>
        place.engine.reply('preview.make', { choice: marked(opacity), path: 'b.png' }),
      ),
    );
    expect(replies.map((reply) => (reply.ok ? 'shown' : reply.failure.code))).toEqual([
      'cancelled',
      'cancelled',
      'shown',
    ]);
  });

  it('says why there is none', async () => {
    const reply = (choice: ProtectChoice, path: string) =>
      place.engine.reply('preview.make', { choice, path });
    const choice = marked(0.5);
    expect(await reply(choice, 'gone.png')).toMatchObject({ failure: { code: 'image-unreadable' } });
    await writeFile(place.path('images', 'broken.png'), 'no picture');
    expect(await reply(choice, 'broken.png')).toMatchObject({ failure: { code: 'image-unreadable' } });
    const huge = { ...choice, settings: { ...choice.settings, mark: { ...choice.settings.mark } } };
    huge.settings.mark.size = huge.settings.mark.minimumSize = 0.9;
    expect(await reply({ ...huge, zoneSource: 'network', landmarks: true }, 'b.png')).toMatchObject({
      ok: true,
      value: { kind: 'no-room', zone: { width: 160 } },
    });
  });

  it('stands for a large turned photograph in its own size and direction', async () => {
    await writeEye(place.path('large', 'eye.png'), 5, 1500);
    const turned = sharp(place.path('large', 'eye.png'))
      .extend({ left: 300, background: 'black' })
      .withMetadata({ orientation: 6 })
      .jpeg();
    await writeFile(place.path('large', 'eye.jpg'), await turned.toBuffer());
    const source = place.engine.grant(place.path('large'));
    const made = await preview({ ...marked(0.5), source, zoneSource: 'network' }, 'eye.jpg');
    for (const picture of [made.before, made.after, made.zone]) {
      expect(picture).toMatchObject({ width: 1500, height: 1800 });
      expect(picture.levels[0].height).toBeGreaterThan(picture.levels[0].width);
    }
  });
});
