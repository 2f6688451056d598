import type { ImageCertificate } from '../../shared/certificate.ts';

/** One mark of one image: a row of the exported parameter list. */
interface ParameterRow {
  readonly path: string;
  readonly imageId: string;
  readonly setId: string;
  readonly mark: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
  readonly opacity: number;
  readonly texture: number;
  readonly area: number;
  readonly stampSha256: string;
  readonly logoSha256: string | null;
  readonly blend: string;
  readonly preset: string;
  readonly seed: number;
}

const columns = [
  'path',
  'imageId',
  'setId',
  'mark',
  'x',
  'y',
  'width',
  'height',
  'rotation',
  'opacity',
  'texture',
  'area',
  'stampSha256',
  'logoSha256',
  'blend',
  'preset',
  'seed',
] as const satisfies readonly (keyof ParameterRow)[];

/**
 * The unique list of watermark parameters of a set, one row a mark (numbered from 1 in each image): CSV after RFC 4180
 * with a header line, and JSON. It proves and hides nothing by itself; the certificates do.
 */
export function exportParameterList(certificates: Iterable<ImageCertificate>): { csv: string; json: string } {
  const rows = [...certificates].flatMap(rowsOf);
  const lines = [
    columns.join(','),
    ...rows.map((row) => columns.map((column) => csvField(row[column])).join(',')),
  ];
  const json = JSON.stringify({ format: 'medlocker-parameter-list/1', marks: rows }, null, 2);
  return { csv: `${lines.join('\r\n')}\r\n`, json: `${json}\n` };
}

function rowsOf({ body }: ImageCertificate): ParameterRow[] {
  return body.mark.placements.map((placement, index) => ({
    path: body.image.path,
    imageId: body.imageId,
    setId: body.setId,
    mark: index + 1,
    ...placement,
    logoSha256: body.mark.logoSha256,
    blend: body.mark.blend,
    preset: body.settings.preset,
    seed: body.settings.seed,
  }));
}

function csvField(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
