import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { unlockOwnerKey } from '../key-files.ts';
import { runAction, withJson } from '../run-action.ts';

interface MergeOptions {
  readonly ownerKey: string;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

const examples = `
Every shard writes into the same --out (a folder all machines see). Merge checks that each is complete and
writes the one manifest and report that a single run would have written.

Example
  medlocker merge shared/protected --owner-key owner.key`;

/** `medlocker merge`: one manifest for a job that ran in shards. */
export function addMerge(program: Command): void {
  const command = program
    .command('merge')
    .summary('finish a job that ran in shards')
    .description('Finish a job that ran in shards: one manifest, one report.')
    .argument('<folder>', 'the --out of all shards')
    .requiredOption('--owner-key <file>', 'secret key of the owner')
    .option(
      '--passphrase-file <file>',
      "first line is the key's passphrase (else MEDLOCKER_PASSPHRASE, else a prompt)",
    )
    .addHelpText('after', examples);
  withJson(command).action((folder: string, options: MergeOptions) =>
    runAction(options, async ({ console, signal }) => {
      const owner = await unlockOwnerKey(options.ownerKey, options.passphraseFile);
      try {
        const { mergeShards } = await import('../../engine/workflows/merge.ts');
        const result = await mergeShards(folder, owner, signal);
        const { totals, set } = result;
        const { printSummaryTable } = await import('../../engine/report/summary-table.ts');
        console.say(printSummaryTable(set.summary));
        console.say();
        console.say(
          `${result.shards} shards: ${totals.protected} protected, ${totals.noRoom} without room, ${totals.failed} failed`,
        );
        console.say(`manifest  ${set.manifest}`);
        if (set.report !== null) console.say(`report    ${set.report.html} (private: shows originals)`);
        console.emit({ kind: 'result', ...result });
        return totals.failed > 0 ? exitCodes.withFailures : exitCodes.done;
      } finally {
        owner.wipe();
      }
    }),
  );
}
