import type { Application } from './application.ts';

/** The system's own dialogs cannot be driven: the next ones answer with this path, or are cancelled by null. */
export async function answerDialogs({ electron }: Application, path: string | null): Promise<void> {
  await electron.evaluate(({ dialog }, chosen) => {
    const canceled = chosen === null;
    dialog.showOpenDialog = () => Promise.resolve({ canceled, filePaths: canceled ? [] : [chosen] });
    dialog.showSaveDialog = () => Promise.resolve({ canceled, filePath: chosen ?? '' });
  }, path);
}
