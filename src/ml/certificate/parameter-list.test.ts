import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { createImageCertificate } from './image-certificate.ts';
import { exportParameterList } from './parameter-list.ts';
import { sampleInput, sampleRaster } from './sample-certificate.fixture.ts';

describe('exportParameterList', () => {
  const paths = ['a,"b".png', '=1+1.png'];
  const certificates = paths.map((path, index) => {
    const input = { ...sampleInput(sampleRaster(index === 0 ? 3 : 1, 8)), path, logoSha256: null };
    return createImageCertificate(input).certificate;
  });
  const { csv, json } = exportParameterList(certificates);

  it('has a row a mark, the same in CSV and JSON', () => {
    const rows: unknown = parse(csv, { columns: true, record_delimiter: '\r\n' });
    const { format, marks } = JSON.parse(json) as {
      format: string;
      marks: Record<string, string | number | null>[];
    };
    expect(format).toBe('medlocker-parameter-list/1');
    expect(marks).toHaveLength(4);
    expect(marks.map(({ path, mark }) => [path, mark])).toEqual([
      [paths[0], 1],
      [paths[0], 2],
      [paths[1], 1],
      [paths[1], 2],
    ]);
    const asText = marks.map((mark) =>
      Object.fromEntries(
        Object.entries(mark).map(([key, value]) => [key, value === null ? '' : String(value)]),
      ),
    );
    expect(rows).toEqual(asText);
  });

  it('is a header alone for no certificate', () => {
    expect(exportParameterList([]).csv.split('\r\n')).toHaveLength(2);
  });
});
