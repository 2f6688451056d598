import { writeAtomically } from '../../jobs/atomic-write.ts';
import { Failure } from '../../../shared/failure.ts';
import { describeIssue } from '../../../shared/schema-issue.ts';
import { settingsFileFormat, settingsFileSchema, type SettingsFile } from '../../../shared/settings-file.ts';
import { readPlainFile, whyUnread } from '../../../ml/plain-file.ts';

const largest = 2 ** 20;

export function writeSettingsFile(path: string, settings: SettingsFile): Promise<void> {
  return writeAtomically(path, `${JSON.stringify(settings, null, 2)}\n`, 'settings');
}

/** @throws Failure settings-invalid that names the setting which does not fit */
export async function readSettingsFile(path: string): Promise<SettingsFile> {
  const invalid = (message: string) =>
    new Failure('settings-invalid', message, {
      subject: path,
      hint: 'Choose a file that was saved on the Protect screen.',
    });
  const text = await readPlainFile(path, largest).catch((error: unknown) => {
    throw invalid(`the settings cannot be read: ${whyUnread(error)}`);
  });
  let content: unknown;
  try {
    content = JSON.parse(text.toString('utf8'));
  } catch {
    throw invalid('the file is not JSON');
  }
  const format = (content as { readonly format?: unknown } | null)?.format;
  if (format !== settingsFileFormat) throw invalid(`the file is not in the format ${settingsFileFormat}`);
  const parsed = settingsFileSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw invalid(describeIssue(parsed.error));
}
