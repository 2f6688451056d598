import { m } from '../../../paraglide/messages.js';

const known: Readonly<Record<string, () => string>> = {
  accuracy: m.lab_metric_accuracy,
  'quadratic kappa': m.lab_metric_kappa,
  'AUC (referable)': m.lab_metric_auc,
};

/** Name of a figure of a model card; one this page does not know is shown as the card writes it. */
export function metricWords(name: string): string {
  return known[name]?.() ?? name;
}
