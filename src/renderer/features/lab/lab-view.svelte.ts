export type LabTab = 'graders' | 'runs' | 'transfer';

/** Which tab of the Lab is open; going away and back keeps it. */
class LabView {
  tab = $state<LabTab>('graders');
}

export const labView = new LabView();
