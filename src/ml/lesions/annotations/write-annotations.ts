import type { Box } from '../../imaging/plane.ts';

/** What is written about one image: its marked parts, by class, in native pixels. */
export interface ImageAnnotation {
  /** Relative to the image folder, `/`-separated. */
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly parts: readonly {
    readonly class: string;
    readonly box: Box;
    /** Set pixels in it. */
    readonly area: number;
    /** COCO run lengths over the whole image, column by column, beginning with clear pixels. */
    readonly runs: readonly number[];
  }[];
}

/** A COCO file with one annotation a part: bounding box and run lengths. Images without parts are listed all the same. */
export function cocoJson(images: readonly ImageAnnotation[], classes: readonly string[]): string {
  let id = 0;
  const annotations = images.flatMap(({ parts, width, height }, index) =>
    parts.map(({ class: name, box, area, runs }) => ({
      id: ++id,
      image_id: index + 1,
      category_id: classes.indexOf(name) + 1,
      bbox: [box.x, box.y, box.width, box.height],
      area,
      iscrowd: 0,
      segmentation: { size: [height, width], counts: runs },
    })),
  );
  const listed = images.map(({ path, width, height }, index) => ({
    id: index + 1,
    file_name: path,
    width,
    height,
  }));
  const categories = classes.map((name, index) => ({ id: index + 1, name }));
  return `${JSON.stringify({ images: listed, annotations, categories })}\n`;
}

/** Boxes as CSV with the columns file, class, x, y, width, height (pixels from 0); a row with only `file` says: nothing found. */
export function csvBoxes(images: readonly ImageAnnotation[]): string {
  const rows = images.flatMap(({ path, parts }) =>
    parts.length === 0
      ? [`${quoted(path)},,,,,`]
      : parts.map(({ class: name, box }) =>
          [quoted(path), quoted(name), box.x, box.y, box.width, box.height].join(','),
        ),
  );
  return ['file,class,x,y,width,height', ...rows, ''].join('\n');
}

/** Boxes of one image as Pascal VOC: pixels count from 1, the maxima belong to the box. */
export function vocXml({ path, width, height, parts }: ImageAnnotation): string {
  const objects = parts.map(
    ({ class: name, box }) =>
      `  <object><name>${escaped(name)}</name><bndbox>` +
      `<xmin>${box.x + 1}</xmin><ymin>${box.y + 1}</ymin>` +
      `<xmax>${box.x + box.width}</xmax><ymax>${box.y + box.height}</ymax></bndbox></object>`,
  );
  return [
    '<annotation>',
    `  <filename>${escaped(path.slice(path.lastIndexOf('/') + 1))}</filename>`,
    `  <size><width>${width}</width><height>${height}</height><depth>3</depth></size>`,
    ...objects,
    '</annotation>',
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
