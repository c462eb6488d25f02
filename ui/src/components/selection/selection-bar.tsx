/** What is selected together, and what can be done with it. */
import { Button } from '@mantine/core';
import { IconFileExport, IconTrash, IconX } from '@tabler/icons-react';
import type { OccurrenceView } from '../../api/generated/OccurrenceView';
import { MOST_MARKED } from '../../window/state';
import { IconButton } from '../icon-button';
import classes from './selection.module.css';

interface Props {
  marked: readonly OccurrenceView[];
  onExport: () => void;
  onDelete: () => void;
  onClear: () => void;
}

/** Shows the bar while something is selected. The count is read out whenever it changes. */
export function SelectionBar({ marked, onExport, onDelete, onClear }: Props) {
  const fixed = marked.filter((occurrence) => occurrence.read_only).length;
  return (
    <div className={classes.place}>
      <div className={classes.said} role="status">
        {marked.length > 0 ? selectionWords(marked.length, fixed) : ''}
      </div>
      {marked.length > 0 && (
        <div className={classes.bar} role="toolbar" aria-label="Selected events" data-testid="selection-bar">
          <span className={classes.words} aria-hidden>
            {selectionWords(marked.length, fixed)}
          </span>
          <Button size="xs" variant="default" leftSection={<IconFileExport size={14} aria-hidden />} data-testid="export-selected" onClick={onExport}>
            Export
          </Button>
          <Button size="xs" variant="light" color="red" leftSection={<IconTrash size={14} aria-hidden />} disabled={fixed === marked.length} data-testid="delete-selected" onClick={onDelete}>
            Delete
          </Button>
          <IconButton label="Select nothing" testId="clear-selection" onClick={onClear}>
            <IconX size={15} />
          </IconButton>
        </div>
      )}
    </div>
  );
}

/** Says how many are selected, and how many of them cannot be deleted. */
export function selectionWords(count: number, fixed: number): string {
  const most = count === MOST_MARKED ? ', which is the most' : '';
  return `${count} selected${most}${fixed > 0 ? ` · ${fixed} only read` : ''}`;
}
