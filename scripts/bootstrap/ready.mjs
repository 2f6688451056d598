// Brings the machine into the state in which every command works; when it already is, this takes milliseconds.
import { delimiter, dirname, join } from 'node:path';
import { engineEnvironment } from './engine-environment.mjs';
import { ensureLibtensorflow } from './libtensorflow.mjs';
import { alone } from './lock.mjs';
import { projectRoot } from './machine.mjs';
import { usableNode } from './node24.mjs';
import { ensurePackages, packagesAreInstalled } from './npm-packages.mjs';
import { forgetProblem, recentProblem, rememberProblem } from './problem-memory.mjs';
import { say, SetupProblem } from './run.mjs';

/**
 * @param {{thorough: boolean}} options thorough: try again what failed a short while ago
 * @returns {Promise<{node: string, env: NodeJS.ProcessEnv, problem: string | null}>} Node 24, the environment that has
 *   it first in PATH, and what keeps libtensorflow from working (the main job runs without it)
 * @throws {SetupProblem} when not even the main job can run
 */
export async function ready({ thorough }) {
  if (!packagesAreInstalled()) await alone(ensurePackages);
  const node = usableNode();
  const problem = await tensorflowProblem(thorough);
  if (problem !== null) {
    say(`libtensorflow is not available: ${problem}`);
    say(
      'protecting, verifying and restoring work without it (ONNX graders); training and tfjs graders do not.',
    );
  }
  return { node, env: environment(node), problem };
}

/** Null when libtensorflow is ready. An offline machine must not wait for the network at every start. */
async function tensorflowProblem(thorough) {
  const remembered = thorough ? null : recentProblem();
  if (remembered !== null) return remembered;
  try {
    await ensureLibtensorflow(alone);
    forgetProblem();
    return null;
  } catch (error) {
    // A full disk or a home folder that cannot be written is a missing TensorFlow too, not a reason to stop.
    if (!(error instanceof SetupProblem) && error.syscall === undefined) throw error;
    rememberProblem(error.message);
    return error.message;
  }
}

function environment(node) {
  const path = [dirname(node), join(projectRoot, 'node_modules', '.bin'), process.env.PATH ?? ''].join(
    delimiter,
  );
  const env = { ...process.env, PATH: path };
  delete env.NODE_ENV;
  return engineEnvironment(env);
}
