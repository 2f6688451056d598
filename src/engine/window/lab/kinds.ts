import { trainKind } from './kinds/train.ts';
import { transferKind } from './kinds/transfer.ts';
import type { RunKind } from './run-kind.ts';

/** Everything the lab can run. A new attack, defence or evaluation is a file of its own and a line here. */
export const runKinds: readonly RunKind[] = [trainKind, transferKind];
