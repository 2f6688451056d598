// Programs that npm cannot bring: installed with apt-get where we may (root on Debian), else named with the command to run.
import { findProgram, isRootOnDebian } from './machine.mjs';
import { run, say, SetupProblem } from './run.mjs';

const debianPackages = { 'g++': ['g++'], python3: ['python3', 'python3-pip'], pip: ['python3-pip'] };

/**
 * Makes sure that g++, python3 and pip are there.
 * @param {{mayInstall?: boolean}} options mayInstall: whether apt-get can be used here
 * @throws {SetupProblem} naming the one command that installs what is missing
 */
export async function ensureBuildTools({ mayInstall = isRootOnDebian() } = {}) {
  const missing = await missingTools();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((tool) => debianPackages[tool]))];
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!mayInstall) {
    throw new SetupProblem(`${missing.join(', ')} missing; on Debian or Ubuntu run: sudo ${command}`);
  }
  say(`installing ${packages.join(', ')} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update'], { env, purpose: 'apt-get update' });
  await run('apt-get', command.split(' ').slice(1), { env, purpose: command });
}

async function missingTools() {
  const missing = ['g++', 'python3'].filter((tool) => findProgram(tool) === null);
  if (!missing.includes('python3') && !(await hasPip())) missing.push('pip');
  return missing;
}

async function hasPip() {
  try {
    await run('python3', ['-m', 'pip', '--version'], { purpose: 'python3 -m pip --version' });
    return true;
  } catch {
    return false;
  }
}
