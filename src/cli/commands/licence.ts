import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readPublicKeyFile } from '../../ml/certificate/key-file.ts';
import { readLicence, type LicenceGrant } from '../../ml/certificate/licence.ts';
import { hasValidSignature } from '../../ml/certificate/signed-document.ts';
import { describeSigner } from '../../ml/certificate/trust.ts';
import type { Licence } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import type { Console } from '../console.ts';
import { exitCodes } from '../exit-codes.ts';
import { readKeyFile, unlockOwnerKey } from '../key-files.ts';
import { collect, expiryDate } from '../option-values.ts';
import { askPassphrase } from '../passphrase.ts';
import { runAction, withJson } from '../run-action.ts';

interface GrantOptions {
  readonly out: string;
  readonly ownerKey: string;
  readonly passphraseFile?: string;
  readonly recipient?: string;
  readonly licencePassphraseFile?: string;
  readonly licensee: string;
  readonly terms?: string;
  readonly expires?: Date;
  readonly image?: string[];
  readonly json?: boolean;
}

const examples = `
Examples
  To the public key of a colleague, for the whole set, until the end of 2027:
    medlocker licence grant protected --owner-key owner.key --recipient ada.pub --licensee "Ada Example" \\
      --expires 2027-12-31 --out ada.licence.json

  To whoever knows a passphrase, for two images:
    medlocker licence grant protected --owner-key owner.key --licence-passphrase-file pass.txt \\
      --licensee "Ward 3" --image a.png --image sub/b.png --out ward3.licence.json

The expiry is a signed term that restore obeys; it cannot take back what was restored before.`;

/** `medlocker licence`: the right to restore. */
export function addLicence(program: Command): void {
  const licence = program
    .command('licence')
    .summary('grant and show licences')
    .description('Grant and show licences: the right to restore the originals of a set.');
  const grant = licence
    .command('grant')
    .description('grant a licence for a protected folder')
    .argument('<folder>', 'protected folder')
    .requiredOption('-o, --out <file>', 'licence file to write')
    .requiredOption('--owner-key <file>', 'secret key of the owner')
    .option(
      '--passphrase-file <file>',
      "first line is the owner key's passphrase (else MEDLOCKER_PASSPHRASE, else a prompt)",
    )
    .option('-r, --recipient <file>', "the recipient's public key file")
    .option(
      '--licence-passphrase-file <file>',
      'instead of a recipient key: first line is the passphrase that opens the licence',
    )
    .requiredOption('--licensee <name>', 'who gets the licence')
    .option('--terms <text>', 'terms, part of the signed licence')
    .option('--expires <date>', 'last day, UTC (default: no end)', expiryDate)
    .option('--image <path>', 'only this image of the set (repeat)', collect)
    .addHelpText('after', examples);
  withJson(grant).action((set: string, options: GrantOptions) =>
    runAction(options, async ({ console }) => {
      const recipient = await recipientOf(options);
      const owner = await unlockOwnerKey(options.ownerKey, options.passphraseFile);
      const { grantSetLicence } = await import('../../engine/workflows/licence.ts');
      try {
        const made = await grantSetLicence({
          owner,
          set,
          images: options.image ?? [],
          recipient,
          licensee: options.licensee,
          terms: options.terms ?? '',
          created: new Date(),
          expires: options.expires ?? null,
          out: options.out,
        });
        console.say(`licence ${made.body.licenceId} for ${made.body.licensee}: ${options.out}`);
        console.emit({ file: options.out, licence: publicPart(made) });
        return exitCodes.done;
      } finally {
        owner.wipe();
      }
    }),
  );
  withJson(
    licence.command('show').description('show what a licence says').argument('<file>', 'licence file'),
  ).action((file: string, options: { json?: boolean }) =>
    runAction(options, ({ console }) => show(file, console)),
  );
}

async function recipientOf(options: GrantOptions): Promise<LicenceGrant['recipient']> {
  const { recipient, licencePassphraseFile } = options;
  if ((recipient === undefined) === (licencePassphraseFile === undefined)) {
    throw new Failure('usage', 'name exactly one way to open the licence', {
      subject: '--recipient',
      hint: 'Give --recipient KEY.pub, or --licence-passphrase-file FILE.',
    });
  }
  if (recipient !== undefined) {
    const { publicKey } = readPublicKeyFile(await readKeyFile(recipient), 'recipient', recipient);
    return { kind: 'x25519', publicKey };
  }
  return {
    kind: 'passphrase',
    passphrase: await askPassphrase({ file: licencePassphraseFile, purpose: 'the licence' }),
  };
}

async function show(file: string, console: Console): Promise<0 | 4> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new Failure('usage', `${file} cannot be read`, {
      subject: file,
      hint: 'Check the path of the licence.',
      cause: error,
    });
  });
  const licence = readLicence(bytes, file).document;
  const { body } = licence;
  const signed = hasValidSignature(licence);
  console.say(`licence   ${body.licenceId}`);
  console.say(
    `set       ${body.setId}${body.scope.kind === 'set' ? '' : `, ${body.scope.imageIds.length} images of it`}`,
  );
  console.say(`owner     ${describeSigner(body.owner)}, signature ${signed ? 'fits' : 'DOES NOT FIT'}`);
  console.say(`licensee  ${body.licensee}`);
  console.say(
    `opens by  ${body.recipient.kind === 'x25519' ? `the recipient key ${body.recipient.publicKey}` : 'a passphrase'}`,
  );
  console.say(`created   ${body.created}`);
  console.say(`expires   ${body.expires ?? 'never'}`);
  if (body.terms !== '') console.say(`terms     ${body.terms}`);
  console.emit({ file, signature: signed ? 'valid' : 'invalid', licence: publicPart(licence) });
  return signed ? exitCodes.done : exitCodes.negative;
}

/** Without the wrapped keys, which nobody needs to see. */
function publicPart({ body }: Licence): Omit<Licence['body'], 'wrappedKeys'> {
  const { wrappedKeys: _, ...rest } = body;
  return rest;
}
