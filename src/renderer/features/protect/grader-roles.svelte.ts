import type { ListedGrader } from '../../../shared/contract/graders.ts';
import { graders } from '../../state/graders.svelte.ts';

export const graderRoles = ['surrogate', 'victim', 'off'] as const;
export type GraderRole = (typeof graderRoles)[number];

/** Which graders the search works against, and which only measure what it did to a grader it never saw. */
export class GraderRoles {
  #chosen = $state.raw<Readonly<Record<string, GraderRole>>>({});
  readonly surrogates = $derived(this.#withRole('surrogate'));
  readonly victims = $derived(this.#withRole('victim'));

  roleOf(grader: ListedGrader): GraderRole {
    if (!grader.usable) return 'off';
    return this.#chosen[grader.id] ?? firstRole(grader);
  }

  choose(id: string, role: GraderRole): void {
    this.#chosen = { ...this.#chosen, [id]: role };
  }

  #withRole(role: GraderRole): readonly string[] {
    return graders.list.filter((grader) => this.roleOf(grader) === role).map(({ id }) => id);
  }
}

/** Bundled graders work until others are chosen; the one made for it only measures. */
function firstRole({ source, name }: ListedGrader): GraderRole {
  if (source !== 'bundled') return 'off';
  return name.includes('victim') ? 'victim' : 'surrogate';
}
