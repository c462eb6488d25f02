/** What linking two calendars would come to, shown before it is done: what both have, what would be new where, and what is not certain. */
import { Loader } from '@mantine/core';
import type { LinkPlanView } from '../api/generated/LinkPlanView';
import classes from '../components/dialogs/dialogs.module.css';
import { failureOf } from '../host';
import { counted } from './links';

interface Props {
  /** Nothing while it is being made. */
  plan: LinkPlanView | undefined;
  error: unknown;
}

/** Shows the plan. */
export function LinkPlan({ plan, error }: Props) {
  if (error !== null && error !== undefined) {
    return (
      <p className={classes.text} role="alert">
        What both have cannot be compared now: {failureOf(error).message}
      </p>
    );
  }
  if (plan === undefined) {
    return (
      <p className={classes.text} role="status">
        <Loader size={12} /> Comparing what both have…
      </p>
    );
  }
  return (
    <ul className={classes.plan} data-testid="link-plan">
      {linesOf(plan).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** The plan in sentences. */
export function linesOf(plan: LinkPlanView): string[] {
  const { matched, differing, ambiguous, new_here: here, new_there: there } = plan;
  const lines = [];
  if (matched > 0) lines.push(`${counted(matched, 'event is', 'events are')} on both sides and joined${differing > 0 ? `; ${counted(differing, 'of them differs and is', 'of them differ and are')} merged` : ''}.`);
  if (ambiguous > 0) lines.push(`${ambiguous} of these could be joined otherwise, because several look the same${examples(plan.ambiguous_titles)}.`);
  if (here > 0) lines.push(`${counted(here, 'event comes', 'events come')} here${examples(plan.new_here_titles)}.`);
  if (there > 0) lines.push(`${counted(there, 'event is', 'events are')} made there${examples(plan.new_there_titles)}. Nobody is mailed.`);
  return lines.length === 0 ? ['Both are empty, so nothing changes now.'] : lines;
}

function examples(titles: readonly string[]): string {
  const shown = titles.slice(0, 3).map((title) => `“${title}”`);
  return shown.length === 0 ? '' : `: ${shown.join(', ')}${titles.length > shown.length ? ', …' : ''}`;
}
