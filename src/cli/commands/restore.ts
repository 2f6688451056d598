import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { RestoreResult } from '../../engine/workflows/restore.ts';
import { openLicence, ownerAccess, type RestoreAccess } from '../../ml/certificate/restore-access.ts';
import type { TrustedOwner } from '../../ml/certificate/trust.ts';
import { visibleText } from '../../shared/visible-text.ts';
import { Failure } from '../../shared/failure.ts';
import type { Console } from '../console.ts';
import { exitCodes, isNegative, type ExitCode } from '../exit-codes.ts';
import { jobDisplay } from '../job-display.ts';
import { readTrustedOwners, unlockOwnerKey, unlockRecipientKey } from '../key-files.ts';
import { collect } from '../option-values.ts';
import { askPassphrase } from '../passphrase.ts';
import { runAction, withJson } from '../run-action.ts';

interface RestoreOptions {
  readonly out: string;
  readonly licence?: string;
  readonly recipientKey?: string;
  readonly ownerKey?: string;
  readonly passphraseFile?: string;
  readonly trust?: string[];
  readonly preview?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples
  With a licence granted to your key:
    medlocker restore protected --out originals --licence licence.json --recipient-key me.key --trust owner.pub

  With a licence under a passphrase:
    medlocker restore protected --out originals --licence licence.json --trust owner.pub --passphrase-file pass.txt

  As the owner:
    medlocker restore protected --out originals --owner-key owner.key

The protected pixels are checked before, the hash of the original after; anything altered is refused (exit code 4).`;

/** `medlocker restore`: originals back, bit for bit. */
export function addRestore(program: Command): void {
  const command = program
    .command('restore')
    .summary('give the original pixels back, bit for bit')
    .description('Give the original pixels of a protected folder or image back, bit for bit.')
    .argument('<path>', 'protected folder, or one protected image')
    .requiredOption('-o, --out <folder>', 'where the originals go')
    .option('-l, --licence <file>', 'licence of the owner')
    .option('--recipient-key <file>', 'your secret key, when the licence was granted to your public key')
    .option('--owner-key <file>', 'secret key of the owner, instead of a licence')
    .option(
      '--passphrase-file <file>',
      'first line is the passphrase of the key or licence (else MEDLOCKER_PASSPHRASE, else a prompt)',
    )
    .option('-t, --trust <file>', "the owner's public key file (repeat)", collect)
    .option('--preview', 'for altered images write an approximate preview, named as such')
    .addHelpText('after', examples);
  withJson(command).action((path: string, options: RestoreOptions) =>
    runAction(options, async ({ console, signal }) => {
      const now = new Date();
      const { access, trustedOwners } = await openAccess(options, now);
      const { restore } = await import('../../engine/workflows/restore.ts');
      const display = jobDisplay(console);
      try {
        const result = await restore(
          { path, out: options.out, access, trustedOwners, preview: options.preview ?? false, now },
          { listen: display.show, signal },
        );
        display.close();
        return report(result, console);
      } finally {
        display.close();
        access.wipe();
      }
    }),
  );
}

async function openAccess(
  options: RestoreOptions,
  now: Date,
): Promise<{ access: RestoreAccess; trustedOwners: TrustedOwner[] }> {
  const trustedOwners = await readTrustedOwners(options.trust ?? []);
  if (options.ownerKey !== undefined) {
    const owner = await unlockOwnerKey(options.ownerKey, options.passphraseFile);
    const self = { name: owner.name, publicKey: owner.publicKey, keyId: owner.keyId };
    return { access: ownerAccess(owner), trustedOwners: [...trustedOwners, self] };
  }
  if (options.licence === undefined) {
    throw new Failure('usage', 'a licence (or the owner key) is needed', {
      subject: '--licence',
      hint: 'Give --licence FILE with --trust OWNER.pub, or --owner-key FILE.',
    });
  }
  const subject = options.licence;
  const licence = await readFile(subject).catch((error: unknown) => {
    throw new Failure('usage', `${subject} cannot be read`, {
      subject,
      hint: 'Check the path of the licence.',
      cause: error,
    });
  });
  const secret =
    options.recipientKey === undefined
      ? {
          kind: 'passphrase' as const,
          passphrase: await askPassphrase({ file: options.passphraseFile, purpose: subject }),
        }
      : {
          kind: 'x25519' as const,
          key: await unlockRecipientKey(options.recipientKey, options.passphraseFile),
        };
  return { access: await openLicence({ licence, secret, trustedOwners, now, subject }), trustedOwners };
}

function report(result: RestoreResult, console: Console): ExitCode {
  const { totals, failures, restored, previews } = result;
  console.say();
  console.say(
    `${restored.length} of ${totals.total} restored bit for bit into ${result.out}, ${failures.length} refused or failed`,
  );
  for (const { path, reason, hint } of failures.slice(0, 20)) {
    console.say(`  ${visibleText(path)}: ${reason}${hint === undefined ? '' : ` (${hint})`}`);
  }
  if (previews.length > 0)
    console.say(`${previews.length} approximate previews: not the originals, not for diagnosis`);
  console.emit({ kind: 'result', ...result });
  if (result.outcome === 'cancelled') return exitCodes.cancelled;
  if (failures.some(({ code }) => isNegative(code))) return exitCodes.negative;
  return failures.length > 0 ? exitCodes.withFailures : exitCodes.done;
}
