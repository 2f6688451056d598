import { readFile } from 'node:fs/promises';
import { Failure } from '../shared/failure.ts';

/**
 * A passphrase from, in this order: the first line of `file`, the variable MEDLOCKER_PASSPHRASE, a prompt that shows nothing.
 * Never from the command's arguments, which every user of the machine can read.
 *
 * @param options.confirm ask twice, for a new key
 * @throws Failure usage when there is no source for it
 */
export async function askPassphrase(options: {
  file?: string | undefined;
  purpose: string;
  confirm?: boolean;
}): Promise<string> {
  if (options.file !== undefined) return fromFile(options.file);
  const fromEnvironment = process.env['MEDLOCKER_PASSPHRASE'];
  if (fromEnvironment !== undefined) return nonEmpty(fromEnvironment, 'MEDLOCKER_PASSPHRASE');
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    throw new Failure('usage', `the passphrase of ${options.purpose} is needed`, {
      subject: '--passphrase-file',
      hint: 'Give --passphrase-file FILE or set MEDLOCKER_PASSPHRASE.',
    });
  }
  const first = nonEmpty(await promptHidden(`Passphrase of ${options.purpose}: `), 'the passphrase');
  if (options.confirm === true && first !== (await promptHidden('Once more: '))) {
    throw new Failure('usage', 'the two passphrases differ', { hint: 'Start again.' });
  }
  return first;
}

async function fromFile(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Failure('usage', `the passphrase file ${file} cannot be read`, {
      subject: file,
      hint: 'Check the path and the permissions of the file.',
      cause: error,
    });
  });
  return nonEmpty(text.split(/\r?\n/, 1)[0] ?? '', `the first line of ${file}`);
}

function nonEmpty(passphrase: string, what: string): string {
  if (passphrase === '')
    throw new Failure('usage', `${what} is empty`, { hint: 'A passphrase needs at least one character.' });
  return passphrase;
}

function promptHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = () => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    };
    const onData = (chunk: string) => {
      for (const character of chunk) {
        if (character === '\r' || character === '\n' || character === '\u0004') {
          end();
          resolve(typed);
          return;
        }
        if (character === '\u0003') {
          end();
          reject(new Failure('cancelled', 'cancelled'));
          return;
        }
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else typed += character;
      }
    };
    stdin.on('data', onData);
  });
}
