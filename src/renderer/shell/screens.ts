import type { Component } from 'svelte';
import type { Screen } from '../../shared/contract/screens.ts';

type Load = () => Promise<{ readonly default: Component }>;

/** Each screen is a file of its own, so that the first one is on show before the others are read. */
const loads: Readonly<Record<Screen, Load>> = {
  start: () => import('../features/start/StartScreen.svelte'),
  protect: () => import('../features/protect/ProtectScreen.svelte'),
  review: () => import('../features/review/ReviewScreen.svelte'),
  certificates: () => import('../features/certificates/CertificatesScreen.svelte'),
  lab: () => import('../features/lab/LabScreen.svelte'),
  settings: () => import('../features/settings/SettingsScreen.svelte'),
  about: () => import('../features/about/AboutScreen.svelte'),
};

export async function screenOf(screen: Screen): Promise<Component> {
  return (await loads[screen]()).default;
}

export async function loadAllScreens(): Promise<void> {
  await Promise.all(Object.values(loads).map((load) => load()));
}
