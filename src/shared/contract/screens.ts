/** The window's screens in the order of their keys: Ctrl+1 and on, in the page and in the menu. */
export const screens = ['start', 'protect', 'review', 'certificates', 'lab', 'settings', 'about'] as const;

export type Screen = (typeof screens)[number];
