import { BrowserWindow, dialog, type FileFilter } from 'electron';
import type { PathHandle } from '../shared/contract/handles.ts';
import type { RequestInput } from '../shared/contract/requests.ts';
import type { PathGrants } from './path-grants.ts';

type FilePurpose = RequestInput<'paths.pickFile'>['purpose'];
type SaveKind = RequestInput<'paths.pickSave'>['kind'];

const images = ['png', 'jpg', 'jpeg', 'tif', 'tiff', 'webp', 'gif', 'avif'];

const filters: Readonly<Record<FilePurpose, readonly string[]>> = {
  grader: ['onnx', 'json'],
  logo: ['png', 'svg', 'webp', 'jpg', 'jpeg', 'tif', 'tiff'],
  labels: ['csv'],
  annotations: ['json', 'csv', 'xml', 'png'],
  key: ['key'],
  publicKey: ['pub', 'json'],
  licence: ['licence', 'json'],
  image: images,
  settings: ['json'],
  any: ['*'],
};

const endings: Readonly<Record<SaveKind, string>> = {
  csv: 'csv',
  json: 'json',
  licence: 'licence',
  publicKey: 'pub',
};

export async function pickFolder(grants: PathGrants, remember: boolean): Promise<PathHandle | null> {
  const { canceled, filePaths } = await show((window) =>
    dialog.showOpenDialog(window, { properties: ['openDirectory', 'createDirectory'] }),
  );
  const [path] = filePaths;
  if (canceled || path === undefined) return null;
  if (remember) await grants.remember(path);
  return grants.grant(path, 'folder');
}

export async function pickFile(grants: PathGrants, purpose: FilePurpose): Promise<PathHandle | null> {
  const filter: FileFilter = { name: purpose, extensions: [...filters[purpose]] };
  const { canceled, filePaths } = await show((window) =>
    dialog.showOpenDialog(window, { properties: ['openFile'], filters: [filter] }),
  );
  const [path] = filePaths;
  return canceled || path === undefined ? null : grants.grant(path, 'file');
}

export async function pickSave(
  grants: PathGrants,
  { suggestedName, kind }: RequestInput<'paths.pickSave'>,
): Promise<PathHandle | null> {
  const { canceled, filePath } = await show((window) =>
    dialog.showSaveDialog(window, {
      defaultPath: suggestedName.replace(/[\\/:*?"<>|\p{Cc}]/gu, '_'),
      filters: [{ name: kind, extensions: [endings[kind]] }],
    }),
  );
  return canceled || filePath === '' ? null : grants.grant(filePath, 'file');
}

function show<T>(open: (window: Electron.BaseWindow) => Promise<T>): Promise<T> {
  const windows = BrowserWindow.getAllWindows();
  const window = windows.find((each) => each.isFocused()) ?? windows.at(0);
  if (window === undefined) throw new Error('there is no window to ask in');
  return open(window);
}
