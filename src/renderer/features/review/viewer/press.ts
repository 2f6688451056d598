import type { ReviewItem } from '../../../../shared/contract/review.ts';
import type { BoxEditor } from '../box-editor.svelte.ts';
import type { MarkMoving } from '../mark-moving.svelte.ts';
import type { Viewer } from '../viewer.svelte.ts';
import type { Point } from '../viewport.ts';

/** What a pressed pointer does until it is let go. */
export interface Press {
  /** @param at pane coordinates */
  move(at: Point): void;
  end(): void;
}

export interface PressContext {
  /** Pane coordinates. */
  readonly at: Point;
  readonly viewer: Viewer;
  readonly item: ReviewItem;
  readonly moving: MarkMoving;
  readonly editor: BoxEditor;
  /** The middle button pans whatever else is going on. */
  readonly panOnly: boolean;
  readonly ontake: (mark: number) => void;
  readonly ondrop: () => void;
}

/** How near to a handle of a box counts as on it, in screen pixels. */
const reach = 7;

/** Edits boxes, drags a mark or pans, as the state of the screen asks for. */
export function beginPress(context: PressContext): Press {
  const { viewer, editor, moving, item, at, panOnly } = context;
  if (!panOnly && editor.active) return editBoxes(context);
  if (!panOnly && moving.mark !== null) {
    const mark = markAt(item, moving, viewer.toImage(at));
    if (mark !== null) return dragMark(context, mark);
  }
  if (!panOnly && isOnEdge(viewer, at)) {
    return { move: (now) => viewer.moveEdge(now.x / viewer.pane.width - viewer.edge), end: () => undefined };
  }
  let last = at;
  return {
    move(now) {
      viewer.pan(now.x - last.x, now.y - last.y);
      last = now;
    },
    end: () => undefined,
  };
}

/** Whether a point of the pane lies on the edge between before and after. */
export function isOnEdge({ mode, edge, pane }: Viewer, at: Point): boolean {
  return mode === 'slider' && Math.abs(at.x - edge * pane.width) <= reach;
}

function editBoxes({ viewer, editor, at }: PressContext): Press {
  editor.press(viewer.toImage(at), reach / viewer.view.scale);
  return { move: (now) => editor.drag(viewer.toImage(now)), end: () => editor.release() };
}

function dragMark({ viewer, moving, item, at, ontake, ondrop }: PressContext, mark: number): Press {
  const grabbed = viewer.toImage(at);
  if (mark !== moving.mark) ontake(mark);
  const placement = item.marks[mark];
  const corner = mark === moving.mark ? moving.place : { x: placement?.x ?? 0, y: placement?.y ?? 0 };
  let dragged = false;
  return {
    move(now) {
      dragged = true;
      const { x, y } = viewer.toImage(now);
      void moving.drag({ x: corner.x + x - grabbed.x, y: corner.y + y - grabbed.y });
    },
    end: () => {
      if (dragged) ondrop();
    },
  };
}

/** The mark under an image point; the one being moved counts where it would lie now. */
function markAt(item: ReviewItem, moving: MarkMoving, at: Point): number | null {
  const index = item.marks.findIndex(({ x, y, width, height }, mark) => {
    const corner = mark === moving.mark ? moving.place : { x, y };
    return at.x >= corner.x && at.y >= corner.y && at.x <= corner.x + width && at.y <= corner.y + height;
  });
  return index < 0 ? null : index;
}
