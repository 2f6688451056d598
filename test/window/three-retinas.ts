import { copyFile, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const root = join(import.meta.dirname, '..', '..');
const samples = join(root, 'assets', 'samples');

export const retinas = ['retina-01.png', 'retina-02.png', 'retina-06.png'];

/** A new folder with `images`, three of the samples, and the labels and annotations of all. */
export async function threeRetinas(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'medlocker-retinas-'));
  await mkdir(join(folder, 'images'));
  for (const name of retinas) await copyFile(join(samples, 'images', name), join(folder, 'images', name));
  for (const name of ['labels.csv', 'annotations.json'])
    await copyFile(join(samples, name), join(folder, name));
  return folder;
}

interface Ended {
  readonly name: string;
  readonly result?: { readonly state: string } | undefined;
}

/** For `afterEach`: what a person would have seen, for whoever looks into the failure. */
export async function pictureOfFailure(page: Page, { name, result }: Ended): Promise<void> {
  if (result?.state !== 'fail') return;
  const file = `failed ${name}`.replaceAll(/[^a-z0-9]+/gi, '-');
  await page.screenshot({ path: join(root, 'screenshots', `${file}.png`) });
}
