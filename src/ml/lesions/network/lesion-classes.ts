/** What the lesion network marks, in the order of its output channels; IDRiD's short names. */
export const networkClasses = ['MA', 'HE', 'EX', 'SE', 'OD'] as const;

/** MA microaneurysms, HE haemorrhages, EX hard exudates, SE soft exudates, OD optic disc. */
export type NetworkClass = (typeof networkClasses)[number];

const names: ReadonlyMap<string, NetworkClass> = new Map(
  Object.entries({
    MA: 'ma microaneurysm microaneurysms',
    HE: 'he haemorrhage haemorrhages hemorrhage hemorrhages',
    EX: 'ex hardexudate hardexudates',
    SE: 'se softexudate softexudates cws cottonwoolspot cottonwoolspots',
    OD: 'od opticdisc opticdisk disc disk',
  } satisfies Record<NetworkClass, string>).flatMap(([name, words]) =>
    words.split(' ').map((word): [string, NetworkClass] => [word, name as NetworkClass]),
  ),
);

/** The network's class for a class name of an annotation; case, blanks, hyphens and underscores do not matter. Null for others. */
export function networkClassOf(className: string): NetworkClass | null {
  return names.get(className.toLowerCase().replaceAll(/[\s_-]+/g, '')) ?? null;
}
