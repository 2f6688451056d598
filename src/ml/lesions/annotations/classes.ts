/** What a class of an annotation means for the forbidden zone. */
export type RegionRole = 'lesion' | 'disc' | 'fovea' | 'vessel';

const roles: ReadonlyMap<string, RegionRole> = new Map([
  ...names(
    'lesion',
    'ma microaneurysm microaneurysms he haemorrhage haemorrhages hemorrhage hemorrhages ex exudate',
  ),
  ...names(
    'lesion',
    'exudates hardexudate hardexudates se softexudate softexudates cws cottonwoolspot cottonwoolspots',
  ),
  ...names('lesion', 'bright drusen irma nv neovascularization neovascularisation lesion lesions mask scar'),
  ...names('disc', 'od opticdisc opticdisk disc disk'),
  ...names('fovea', 'fovea macula'),
  ...names('vessel', 'vessel vessels'),
]);

/**
 * Role of a class by its name, in IDRiD's short or written-out form; case, blanks, hyphens, underscores and a trailing
 * number (VESSEL2, the second observer) do not matter. An unknown name counts as a lesion: what somebody took the
 * trouble to mark is kept clear.
 */
export function roleOf(className: string): RegionRole {
  return roles.get(plain(className)) ?? 'lesion';
}

export function isKnownClass(className: string): boolean {
  return roles.has(plain(className));
}

function plain(className: string): string {
  return className
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '')
    .replace(/\d+$/, '');
}

function names(role: RegionRole, list: string): [string, RegionRole][] {
  return list.split(' ').map((name) => [name, role]);
}
