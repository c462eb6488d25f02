/** What is about to be kept in step, shown before it is done: what both have, what would be written where, and what is not certain. */
import { Loader } from '@mantine/core';
import type { LinkPlanView } from '../api/generated/LinkPlanView';
import type { MappingPlanView } from '../api/generated/MappingPlanView';
import classes from '../components/dialogs/dialogs.module.css';
import { failureOf } from '../host';
import { counted } from './links';
import { bringIntoSight } from './sight';

interface Props {
  /** The plan in sentences; nothing while it is being made. */
  lines: readonly string[] | undefined;
  error: unknown;
}

/** Shows the plan. */
export function LinkPlan({ lines, error }: Props) {
  if (error !== null && error !== undefined) {
    return (
      <p className={classes.text} role="alert">
        What both have cannot be compared now: {failureOf(error).message}
      </p>
    );
  }
  if (lines === undefined) {
    return (
      <p className={classes.text} role="status">
        <Loader size={12} /> Comparing what both have…
      </p>
    );
  }
  return (
    <ul className={classes.plan} data-testid="link-plan" ref={bringIntoSight}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** What linking comes to, in sentences. */
export function linesOf(plan: LinkPlanView): string[] {
  const { matched, differing, ambiguous, new_here: here, new_there: there } = plan;
  const lines = [];
  if (matched > 0) lines.push(`${counted(matched, 'event is', 'events are')} on both sides and joined${differing > 0 ? `; ${counted(differing, 'of them differs and is', 'of them differ and are')} merged` : ''}.`);
  if (ambiguous > 0) lines.push(`${ambiguous} of these could be joined otherwise, because several look the same${examples(plan.ambiguous_titles)}.`);
  if (here > 0) lines.push(`${counted(here, 'event comes', 'events come')} here${examples(plan.new_here_titles)}.`);
  if (there > 0) lines.push(`${counted(there, 'event is', 'events are')} made there${examples(plan.new_there_titles)}. Nobody is mailed.`);
  return lines.length === 0 ? ['Both are empty, so nothing changes now.'] : lines;
}

/** What another mapping comes to, in sentences. */
export function mappingLinesOf(plan: MappingPlanView): string[] {
  const { written_there: there, taken_here: here, differing, pages_made: made, pages_removed: removed } = plan;
  const lines = [];
  if (there > 0) lines.push(`${counted(there, 'page learns', 'pages learn')} what only the event here says${examples(plan.written_there_titles)}.`);
  if (here > 0) lines.push(`${counted(here, 'event learns', 'events learn')} what only the page says${examples(plan.taken_here_titles)}.`);
  if (differing > 0) lines.push(`${counted(differing, 'event says', 'events say')} something else than the page and ${differing === 1 ? 'is' : 'are'} merged${examples(plan.differing_titles)}. What loses is kept as a conflict.`);
  if (made > 0) lines.push(`${counted(made, 'page is', 'pages are')} made for next occurrences.`);
  if (removed > 0) lines.push(`${counted(removed, 'page of an occurrence goes', 'pages of occurrences go')} to Notion’s trash.`);
  return lines.length === 0 ? ['Nothing is written on either side.'] : lines;
}

function examples(titles: readonly string[]): string {
  const shown = titles.slice(0, 3).map((title) => `“${title}”`);
  return shown.length === 0 ? '' : `: ${shown.join(', ')}${titles.length > shown.length ? ', …' : ''}`;
}
