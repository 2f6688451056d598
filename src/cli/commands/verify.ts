import type { Command } from 'commander';
import type { VerifyResult } from '../../engine/workflows/verify.ts';
import type { VerificationLine } from '../../shared/verification.ts';
import { visibleText } from '../../shared/visible-text.ts';
import type { Console } from '../console.ts';
import { exitCodes } from '../exit-codes.ts';
import { jobDisplay } from '../job-display.ts';
import { readTrustedOwners } from '../key-files.ts';
import { collect } from '../option-values.ts';
import { runAction, withJson } from '../run-action.ts';

interface VerifyOptions {
  readonly trust?: string[];
  readonly withoutResiduals?: boolean;
  readonly json?: boolean;
}

const examples = `
Three questions are answered one by one, each valid, invalid or unknown:
  integrity   do image, certificate and residual belong together, unaltered, none missing?
  signature   did the key named in the certificate sign exactly this?
  trust       is that key one of those you trust?
Only when all three are valid is the answer "verified" (exit code 0); otherwise exit code 4.

Examples
  medlocker verify protected --trust owner.pub
  medlocker verify protected/eye.png --trust owner.pub --json`;

/** `medlocker verify`: checks a protected folder or image, offline and without secrets. */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .summary('check certificates, images and residuals')
    .description(
      'Check a protected folder against its signed manifest, or a single image against its certificate.',
    )
    .argument('<path>', 'protected folder, or one protected image')
    .option('-t, --trust <file>', "an owner's public key file (repeat)", collect)
    .option('--without-residuals', 'the set was passed on without its .mlr files')
    .addHelpText('after', examples);
  withJson(command).action((path: string, options: VerifyOptions) =>
    runAction(options, async ({ console, signal }) => {
      const trustedOwners = await readTrustedOwners(options.trust ?? []);
      const { verify } = await import('../../engine/workflows/verify.ts');
      const display = jobDisplay(console);
      const result = await verify(
        { path, trustedOwners, residualExpected: options.withoutResiduals !== true },
        { listen: display.show, signal },
      ).finally(() => display.close());
      report(result, console);
      return result.verified ? exitCodes.done : exitCodes.negative;
    }),
  );
}

function report(result: VerifyResult, console: Console): void {
  const { set, images } = result;
  console.say();
  if (set !== null) {
    console.say(
      `set ${set.setId ?? 'unknown'}: ${set.counts.listed} images listed, ${set.counts.valid} valid, ${set.counts.notValid} not`,
    );
    sayLines(console, set);
  } else
    console.say(
      `${images.length} image${images.length === 1 ? '' : 's'} checked one by one; there is no manifest, so a missing image goes unnoticed`,
    );
  for (const image of set === null && images.length === 1 ? images : images.filter(isBad).slice(0, 20)) {
    console.say(visibleText(image.path));
    sayLines(console, image);
  }
  console.say(result.verified ? 'verified' : 'NOT VERIFIED');
  console.emit({ kind: 'result', ...result });
}

interface ThreeLines {
  readonly integrity: VerificationLine;
  readonly signature: VerificationLine;
  readonly trust: VerificationLine;
}

function isBad({ integrity, signature, trust }: ThreeLines): boolean {
  return (
    [integrity, signature, trust].some(({ status }) => status === 'invalid') || integrity.status !== 'valid'
  );
}

function sayLines(console: Console, lines: ThreeLines): void {
  for (const name of ['integrity', 'signature', 'trust'] as const) {
    const { status, code, reason } = lines[name];
    console.say(`  ${name.padEnd(9)}  ${status.padEnd(7)}  ${reason} [${code}]`);
  }
}
