/** How the engine process ended, in words for people and with a next step. */
export function reasonOfEnd(
  code: number | null,
  signal: NodeJS.Signals | null,
  lastWords: string,
): { reason: string; hint: string } {
  const resume = 'Start the engine again; jobs go on where they stopped.';
  if (/heap out of memory|bad_alloc|ENOMEM|Cannot allocate memory/i.test(lastWords) || code === 137)
    return {
      reason: 'The engine ran out of memory.',
      hint: `Close other programs or use fewer threads. ${resume}`,
    };
  const library =
    /([\w.+-]+\.(?:so(?:\.\d+)*|dll|dylib)): cannot open|Cannot find (?:module|package) '([^']+)'/i.exec(
      lastWords,
    );
  if (library !== null)
    return {
      reason: `A part of the program is missing: ${library[1] ?? library[2]}.`,
      hint: 'Install MedLocker again, or run: npm run setup',
    };
  if (/ENOENT/.test(lastWords) && code === null && signal === null)
    return { reason: 'The engine cannot be started: its Node is missing.', hint: 'Run: npm run setup' };
  if (signal === 'SIGKILL')
    return { reason: 'The engine was ended by the system, most often for want of memory.', hint: resume };
  if (signal === 'SIGSEGV' || signal === 'SIGABRT' || signal === 'SIGBUS')
    return { reason: `The engine crashed in a native part (${signal}).`, hint: resume };
  const how = signal === null ? `code ${code ?? 'none'}` : signal;
  return { reason: `The engine ended unexpectedly (${how}).`, hint: resume };
}
