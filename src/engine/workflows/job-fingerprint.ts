import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { ProtectJob } from '../../shared/protect-job.ts';
import { Failure } from '../../shared/failure.ts';
import { hashBytes, hashFile } from '../jobs/content-hash.ts';
import { lesionCardPath } from '../../ml/lesions/network/lesion-card.ts';
import type { JobSettings } from '../jobs/job-header.ts';
import { bundledLesionNetwork } from './bundled-lesion-network.ts';
import { usesLesionNetwork } from './image-zone.ts';
import { graderFile } from './open-graders.ts';

/**
 * Everything that decides the outputs of a protect job, files by their content. Threads, shards and the like stay out. Two jobs with
 * equal fingerprints give equal bytes, and only then does one go on with the other's journal.
 *
 * @param owner public key (hex) of the owner who signs
 */
export async function jobFingerprint(
  job: ProtectJob,
  sourceName: string,
  owner: string,
): Promise<JobSettings> {
  return {
    source: sourceName,
    owner,
    ownerName: job.owner,
    rights: job.rights,
    settings: job.settings,
    logo: job.logo === null ? null : await named(job.logo, 'logo-unusable'),
    surrogates: await Promise.all(job.surrogates.map(grader)),
    victims: await Promise.all(job.victims.map(grader)),
    verifyPipelines: job.verifyPipelines,
    labels: job.labels === null ? null : await named(job.labels, 'settings-invalid'),
    annotations: job.annotations === null ? null : await treeHash(job.annotations),
    allowUnannotated: job.allowUnannotated,
    zoneSource: job.zoneSource,
    lesionNetwork: usesLesionNetwork(job)
      ? await lesionNetworkFingerprint(job.lesionNetwork ?? bundledLesionNetwork)
      : null,
    camThreshold: job.camThreshold,
    dilation: job.dilation,
    landmarks: job.landmarks,
    format: job.format,
    stripMetadata: job.stripMetadata,
    limit: job.limit,
  };
}

/** A network that decides zones, by its name, its content and that of its card. */
export async function lesionNetworkFingerprint(path: string): Promise<string> {
  try {
    const card = await hashFile(lesionCardPath(path));
    return `${basename(path)}:${hashBytes(`${await hashFile(path)}\n${card}`)}`;
  } catch (error) {
    throw new Failure('model-unreadable', `the lesion network ${path} or its card cannot be read`, {
      subject: path,
      hint: 'Check --lesion-network, or choose another --zone.',
      cause: error,
    });
  }
}

/** `name:hash`, so that a mismatch shown to people names the file. */
async function named(path: string, code: 'logo-unusable' | 'settings-invalid'): Promise<string> {
  try {
    return `${basename(path)}:${await hashFile(path)}`;
  } catch (error) {
    throw new Failure(code, `${path} cannot be read`, {
      subject: path,
      hint: 'Check the path.',
      cause: error,
    });
  }
}

/**
 * A layers model's weights lie beside its model.json: the whole folder counts. An ONNX file may have external data (`a.onnx.data`) and a
 * description (`a.medlocker.json`) beside it.
 */
async function grader(path: string): Promise<string> {
  const file = await graderFile(path);
  try {
    if (file.toLowerCase().endsWith('.json')) return `${basename(path)}:${await treeHash(dirname(file))}`;
    const stem = basename(file).replace(/\.onnx$/i, '');
    const companions = (await readdir(dirname(file)))
      .filter(
        (name) =>
          name === `${stem}.medlocker.json` ||
          (name.startsWith(basename(file)) && /^[._]data/i.test(name.slice(basename(file).length))),
      )
      .sort();
    const hashes = [await hashFile(file)];
    for (const name of companions) hashes.push(await hashFile(join(dirname(file), name)));
    return `${basename(path)}:${hashes.length === 1 ? hashes.join('') : hashBytes(hashes.join('\n'))}`;
  } catch (error) {
    throw new Failure('model-unreadable', `${path} cannot be read`, {
      subject: path,
      hint: 'Check the path.',
      cause: error,
    });
  }
}

/** SHA-256 over the names and hashes of all files below a folder, or of the one file. */
async function treeHash(path: string): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) return await hashFile(path);
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const lines: string[] = [];
    for (const file of files)
      lines.push(`${relative(path, file).split(sep).join('/')}\n${await hashFile(file)}\n`);
    return hashBytes(lines.sort().join(''));
  } catch (error) {
    throw new Failure('annotation-unreadable', `${path} cannot be read`, {
      subject: path,
      hint: 'Check the path.',
      cause: error,
    });
  }
}
