import { statSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LogoChoice, ProtectChoice } from '../../../shared/contract/jobs.ts';
import { protectJobSchema, type ProtectJob } from '../../../shared/protect-job.ts';
import type { GraderBook } from '../graders/grader-book.ts';
import type { WindowHost } from '../topic.ts';

const bundledLogo = fileURLToPath(new URL('../../../../assets/logos/medlocker.png', import.meta.url));

/**
 * The job behind what a person chose: the same that the command line makes of the same choices, so that both write the same bytes.
 *
 * @throws Failure for a path or grader that is not known any more
 */
export async function jobOfChoice(
  choice: ProtectChoice,
  host: WindowHost,
  graders: GraderBook,
): Promise<ProtectJob> {
  const { paths } = host;
  const pathOrNull = (id: string | null) => (id === null ? null : paths.pathOf(id));
  const source = paths.pathOf(choice.source);
  return protectJobSchema.parse({
    source,
    out: choice.out === null ? suggestedOut(source) : paths.pathOf(choice.out),
    settings: choice.settings,
    logo: choice.settings.mark.kind === 'logo' ? logoFile(choice.logo, host) : null,
    surrogates: await Promise.all(choice.surrogates.map((id) => graders.fileOf(id))),
    victims: await Promise.all(choice.victims.map((id) => graders.fileOf(id))),
    verifyPipelines: choice.verifyPipelines,
    labels: pathOrNull(choice.labels),
    annotations: pathOrNull(choice.annotations),
    zoneSource: choice.zoneSource,
    lesionNetwork: null,
    camThreshold: null,
    dilation: choice.dilation,
    allowUnannotated: choice.allowUnannotated,
    landmarks: choice.landmarks,
    format: choice.format,
    stripMetadata: choice.stripMetadata,
    owner: null,
    rights: choice.rights,
    threads: host.threads(),
    shard: null,
    retryFailed: false,
    limit: choice.limit,
  });
}

/** Beside the source, never in it. */
export function suggestedOut(source: string): string {
  const { dir, name, base } = parse(resolve(source));
  // Beside a single image would be inside its folder, which is never written to.
  const isFile = statSync(source, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? join(dir, '..', `${name}-protected`) : join(dir, `${base}-protected`);
}

/** Null for text marks. */
export function logoFile(logo: LogoChoice, { paths }: WindowHost): string | null {
  switch (logo.kind) {
    case 'bundled':
      return bundledLogo;
    case 'file':
      return paths.pathOf(logo.file);
    case 'none':
      return null;
  }
}
