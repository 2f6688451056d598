import { withCudaLibraries } from './cuda-environment.mjs';

/**
 * The environment in which the engine runs. What the person has set stays.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function engineEnvironment(env) {
  return withCudaLibraries({ ...memoryHabits, ...env });
}

/** glibc keeps a heap per thread and gives little back: a large photograph took a fifth more memory. Other systems ignore these. */
const memoryHabits = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };
