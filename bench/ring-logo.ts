import { logoFromBytes, type Logo } from '../src/ml/watermark/logo.ts';

/** The mark of every measurement: a white ring with three lines, about 45 % of its box inked. */
export function ringLogo(): Promise<Logo> {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="200" height="200">' +
    '<circle cx="100" cy="100" r="86" fill="none" stroke="#fff" stroke-width="22"/>' +
    '<rect x="52" y="76" width="96" height="14" fill="#fff"/><rect x="52" y="98" width="70" height="14" fill="#fff"/>' +
    '<rect x="52" y="120" width="96" height="14" fill="#fff"/></svg>';
  return logoFromBytes(Buffer.from(svg), 'ring', 'ring');
}
