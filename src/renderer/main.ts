import { mount } from 'svelte';
import App from './App.svelte';
import { protectView } from './features/protect/protect-view.svelte.ts';
import { m } from './paraglide/messages.js';
import { followCommands } from './shell/commands.ts';
import './theme/theme.css';
import { engine } from './state/engine.svelte.ts';
import { graders } from './state/graders.svelte.ts';
import { jobs } from './state/jobs.svelte.ts';
import { keys } from './state/keys.svelte.ts';
import { followLanguage } from './state/language.ts';
import { notices } from './state/notices.svelte.ts';
import { preferences } from './state/preferences.svelte.ts';

const target = document.getElementById('app');
if (target === null) throw new Error('the page has no place for the window');

followLanguage();
// A defect of the page is said, never swallowed.
addEventListener('unhandledrejection', () =>
  notices.add({ tone: 'bad', message: m.shell_defect(), hint: m.shell_screen_failed_hint() }),
);
// Before anything is waited for: what main has to tell at the start is not told twice.
followCommands();
await preferences.open();
void engine.open();
jobs.open();
keys.open();
graders.open();
protectView.open();
mount(App, { target });
