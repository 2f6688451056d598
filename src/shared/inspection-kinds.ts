/** What `inspect` can tell of a file. */
export const inspectionKinds = [
  'image',
  'model',
  'logo',
  'annotation',
  'certificate',
  'manifest',
  'licence',
  'residual',
] as const;
export type InspectionKind = (typeof inspectionKinds)[number];
