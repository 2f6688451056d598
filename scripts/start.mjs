// npm run demo | test | bench | ...: makes the machine ready, then runs the command under Node 24.
// Plain Node 18+ without packages, because on a fresh machine nothing else is there yet.
import { commands } from './commands.mjs';
import { ready } from './bootstrap/ready.mjs';
import { SetupProblem } from './bootstrap/run.mjs';

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];

if (Number.parseInt(process.versions.node, 10) < 18) {
  process.stderr.write(
    `Node ${process.versions.node} is too old to set MedLocker up; Node 18 or newer is needed.\n`,
  );
  process.exitCode = 2;
} else if (command === undefined) {
  process.stderr.write(`Unknown command '${name}'. There are: ${Object.keys(commands).join(', ')}.\n`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await command(await ready({ thorough: name === 'setup' || name === 'test' }), args);
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    process.stderr.write(`set-up: ${error.message}\n`);
    process.exitCode = 1;
  }
}
