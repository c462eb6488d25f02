/** A calendar file can be dropped anywhere on the window, which shows so while one is held over it. */
import { IconCalendarDown } from '@tabler/icons-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { toastNote } from '../toast';
import { chosenOf } from './source';
import classes from './files.module.css';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** Shows the target while files are dragged. */
export function DropTarget({ onFile }: { onFile: (file: File) => void }) {
  const [isOver, setOver] = useState(false);
  const take = useEffectEvent((files: readonly File[]) => {
    setOver(false);
    const file = chosenOf(files);
    if (file === undefined) return;
    if (files.length > 1) toastNote(`One file at a time: this is “${file.name}”.`);
    onFile(file);
  });
  useEffect(() => {
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    // It covers the window and nothing in it can be entered, so that leaving it is leaving the window.
    const leave = (event: DragEvent) => {
      if (event.target instanceof Element && event.target.matches('[data-testid=drop-target]')) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      take([...(event.dataTransfer?.files ?? [])]);
    };
    globalThis.addEventListener('dragenter', enter);
    globalThis.addEventListener('dragover', enter);
    globalThis.addEventListener('dragleave', leave);
    globalThis.addEventListener('drop', drop);
    return () => {
      globalThis.removeEventListener('dragenter', enter);
      globalThis.removeEventListener('dragover', enter);
      globalThis.removeEventListener('dragleave', leave);
      globalThis.removeEventListener('drop', drop);
    };
  }, []);
  return (
    isOver && (
      <div className={classes.drop} data-testid="drop-target" role="status">
        <div className={classes.dropHere}>
          <IconCalendarDown size={28} stroke={1.6} aria-hidden />
          Drop a calendar file to look at it
        </div>
      </div>
    )
  );
}
