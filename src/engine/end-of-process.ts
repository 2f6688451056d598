/** Who ended, as the subject of a sentence, and how it is started again. */
export interface EndedProcess {
  readonly who: string;
  readonly resume: string;
}

export const theEngine: EndedProcess = {
  who: 'The engine',
  resume: 'Start the engine again; jobs go on where they stopped.',
};

export const theJob: EndedProcess = {
  who: 'The job',
  resume: 'Resume it: what is done is kept.',
};

export const theSetProcess: EndedProcess = {
  who: 'The process at work on the set',
  resume: 'Start it again; what is restored stays.',
};

/** @param resumes whether it goes on where it stopped */
export function theRun(resumes: boolean): EndedProcess {
  return {
    who: 'The run',
    resume: resumes ? 'Resume it: what is done is kept.' : 'Start it again with the same settings.',
  };
}

/** How a process ended, in words for people and with a next step. `lastWords`: the end of its stderr. */
export function reasonOfEnd(
  { who, resume }: EndedProcess,
  code: number | null,
  signal: NodeJS.Signals | null,
  lastWords: string,
): { reason: string; hint: string } {
  if (/heap out of memory|bad_alloc|ENOMEM|Cannot allocate memory/i.test(lastWords) || code === 137)
    return {
      reason: `${who} ran out of memory.`,
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
    return { reason: `${who} cannot be started: its Node is missing.`, hint: 'Run: npm run setup' };
  if (signal === 'SIGKILL')
    return { reason: `${who} was ended by the system, most often for want of memory.`, hint: resume };
  if (signal === 'SIGSEGV' || signal === 'SIGABRT' || signal === 'SIGBUS')
    return { reason: `${who} crashed in a native part (${signal}).`, hint: resume };
  const how = signal === null ? `code ${code ?? 'none'}` : signal;
  return { reason: `${who} ended unexpectedly (${how}).`, hint: resume };
}
