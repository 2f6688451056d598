import { imageScheme } from '../shared/contract/handles.ts';

/** `medlocker-image://pixels/<32 hex digits>/<level>` and nothing else, not even another spelling of it. */
const address = new RegExp(`^${imageScheme}://pixels/([0-9a-f]{32})/(\\d{1,2})$`);

/** File below the picture folder, without its extension; null for an address the engine did not give out. */
export function pictureFileOf(url: string): string | null {
  const match = address.exec(url);
  return match === null ? null : `${match[1]}/${match[2]}`;
}
