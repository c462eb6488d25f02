/** What an account or a link takes with it when it goes, by name: calendars that nothing else feeds, and edits that were not sent. */
import type { LeavingView } from '../../api/generated/LeavingView';
import classes from './dialogs.module.css';

/** More than this are counted. */
const NAMED = 5;

/** Shows it; nothing while it is not known. */
export function Unsent({ leaving }: { leaving: LeavingView | undefined }) {
  if (leaving === undefined) return null;
  const { calendars, unsent } = leaving;
  return (
    <>
      {calendars.length > 0 && <p className={classes.text} data-testid="leaving-calendars">{`Nothing else feeds ${named(calendars)}.`}</p>}
      {unsent.length > 0 && (
        <p className={classes.text} role="alert" data-testid="leaving-unsent">
          {`${unsent.length === 1 ? 'One edit has' : `${unsent.length} edits have`} not been sent yet and will not be: ${named(unsent.map(({ title }) => title))}.`}
        </p>
      )}
    </>
  );
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).map((name) => `“${name}”`);
  const rest = names.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}
