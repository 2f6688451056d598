import { spawn } from 'node:child_process';

export interface Screen {
  /** For the environment variable DISPLAY. */
  readonly display: string;
  close(): void;
}

/** The screen of this machine, or a virtual one (Xvfb) that ends with its last window. */
export async function openScreen(): Promise<Screen> {
  const present = process.env['DISPLAY'];
  if (present !== undefined && present !== '') return { display: present, close: () => undefined };
  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp', '-terminate'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const display = await new Promise<string>((resolve, reject) => {
    let text = '';
    server.on('error', reject);
    server.on('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
    server.stdio[3]?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.endsWith('\n')) resolve(`:${text.trim()}`);
    });
  });
  return { display, close: () => server.kill() };
}
