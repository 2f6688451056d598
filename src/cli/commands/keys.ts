import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { writeAtomically } from '../../engine/jobs/atomic-write.ts';
import type { CreatedKey } from '../../ml/certificate/key-pair.ts';
import { createOwnerKey } from '../../ml/certificate/owner-key.ts';
import { createRecipientKey } from '../../ml/certificate/recipient-key.ts';
import { encodePublicKeyFile, readSecretKeyFile } from '../../ml/certificate/key-file.ts';
import { keyId } from '../../ml/certificate/key-encoding.ts';
import { formats, publicKeyFileSchema } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { exitCodes } from '../exit-codes.ts';
import { readKeyFile } from '../key-files.ts';
import { askPassphrase } from '../passphrase.ts';
import { runAction, withJson } from '../run-action.ts';

interface CreateOptions {
  readonly out: string;
  readonly name: string;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

const ownerExamples = `
Writes <out>.key (secret, encrypted with the passphrase: keep it and a backup; without it nobody can
restore or license) and <out>.pub (public: give it to those who verify).

Example
  medlocker keys create-owner --name "Eye Clinic" --out owner`;

const recipientExamples = `
Writes <out>.key (secret, stays with you) and <out>.pub (public: send it to the owner, who grants licences to it).

Example
  medlocker keys create-recipient --name "Dr. Ada Example" --out ada`;

/** `medlocker keys`: owner and recipient keys. */
export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .summary('make and show keys')
    .description('Make and show the keys of owners (sign) and recipients (restore).');
  addCreate(
    keys,
    'create-owner',
    'make the key that signs certificates and grants licences',
    ownerExamples,
    createOwnerKey,
  );
  addCreate(
    keys,
    'create-recipient',
    'make the key that licences are granted to',
    recipientExamples,
    createRecipientKey,
  );

  withJson(
    keys
      .command('show')
      .description('show what a key file is, without its passphrase')
      .argument('<file>', 'secret or public key file'),
  ).action((file: string, options: { json?: boolean }) =>
    runAction(options, async ({ console }) => {
      const shown = await describeKey(file);
      console.say(
        `${shown.secret ? 'secret' : 'public'} key of ${shown.kind === 'owner' ? 'an owner' : 'a recipient'}: ${shown.name}`,
      );
      console.say(`key id      ${shown.keyId}`);
      console.say(`public key  ${shown.publicKey}`);
      if (shown.created !== null) console.say(`created     ${shown.created}`);
      console.emit(shown);
      return exitCodes.done;
    }),
  );

  const exportPublic = keys
    .command('export-public')
    .description('write the public half of a secret key file')
    .argument('<file>', 'secret key file')
    .requiredOption('-o, --out <file>', 'public key file to write');
  withJson(exportPublic).action((file: string, options: { out: string; json?: boolean }) =>
    runAction(options, async ({ console }) => {
      const { kind, name, publicKey } = readSecretKeyFile(await readKeyFile(file), file);
      await refuseExisting(options.out);
      await writeAtomically(options.out, encodePublicKeyFile({ kind, name, publicKey }));
      console.say(`public key of ${name}: ${options.out}`);
      console.emit({ file: options.out, kind, name, publicKey, keyId: keyId(publicKey) });
      return exitCodes.done;
    }),
  );
}

function addCreate(
  keys: Command,
  name: string,
  summary: string,
  examples: string,
  create: (options: { name: string; created: Date; passphrase: string }) => Promise<CreatedKey>,
): void {
  const command = keys
    .command(name)
    .description(summary)
    .requiredOption('-o, --out <path>', 'path of the two files, without extension')
    .requiredOption('-n, --name <name>', 'whose key it is')
    .option(
      '--passphrase-file <file>',
      'first line is the passphrase (else MEDLOCKER_PASSPHRASE, else a prompt)',
    )
    .addHelpText('after', examples);
  withJson(command).action((options: CreateOptions) =>
    runAction(options, async ({ console }) => {
      const secretFile = `${options.out}.key`;
      const publicFile = `${options.out}.pub`;
      await refuseExisting(secretFile);
      await refuseExisting(publicFile);
      const passphrase = await askPassphrase({
        file: options.passphraseFile,
        purpose: 'the new key',
        confirm: true,
      });
      const created = await create({ name: options.name, created: new Date(), passphrase });
      await writeAtomically(secretFile, created.secretKeyFile, 'keys', 0o600);
      await writeAtomically(publicFile, created.publicKeyFile, 'keys');
      console.say(`secret key  ${secretFile} (keep it and a backup; nobody can replace it)`);
      console.say(`public key  ${publicFile}`);
      console.say(`key id      ${created.keyId}`);
      console.emit({
        secretKeyFile: secretFile,
        publicKeyFile: publicFile,
        publicKey: created.publicKey,
        keyId: created.keyId,
      });
      return exitCodes.done;
    }),
  );
}

/** A key that is written over is lost for ever, with every image it protects. */
async function refuseExisting(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  throw new Failure('usage', `${path} exists already`, {
    subject: path,
    hint: 'Choose another --out; keys are never written over.',
  });
}

async function describeKey(file: string): Promise<{
  secret: boolean;
  kind: 'owner' | 'recipient';
  name: string;
  publicKey: string;
  keyId: string;
  created: string | null;
}> {
  const bytes = await readKeyFile(file);
  if (!bytes.includes(formats.publicKey)) {
    const { kind, name, publicKey, created } = readSecretKeyFile(bytes, file);
    return { secret: true, kind, name, publicKey, keyId: keyId(publicKey), created };
  }
  try {
    const { kind, name, publicKey } = publicKeyFileSchema.parse(JSON.parse(bytes.toString('utf8')));
    return { secret: false, kind, name, publicKey, keyId: keyId(publicKey), created: null };
  } catch (error) {
    throw new Failure('key-unusable', `${file} is a damaged public key file`, {
      subject: file,
      hint: 'Take it again from its owner.',
      cause: error,
    });
  }
}
