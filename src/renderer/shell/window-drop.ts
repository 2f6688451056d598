import { protectView } from '../features/protect/protect-view.svelte.ts';
import { bridge, noticeFailure } from '../state/ask.ts';
import { navigation } from '../state/navigation.svelte.ts';

/** A folder let go anywhere on Start or Protect is opened; anywhere else a drop must at least not take the page's place. */
export async function takeWindowDrop(event: DragEvent): Promise<void> {
  // A drop zone has taken it already.
  if (event.defaultPrevented) return;
  event.preventDefault();
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length === 0 || (navigation.screen !== 'start' && navigation.screen !== 'protect')) return;
  const reply = await bridge().drop(files);
  if (!reply.ok) noticeFailure(reply.failure);
  else if (reply.value[0] !== undefined) await protectView.openDropped(reply.value);
}
