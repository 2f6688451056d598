/** The three names under which the preload and main speak; the contract's channels travel as their first argument. */
export const requestChannel = 'medlocker:request';
export const eventChannel = 'medlocker:event';
export const dropChannel = 'medlocker:drop';
