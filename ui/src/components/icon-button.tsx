/** A square button with a sign and a name. */
import type { ComponentPropsWithRef, ReactNode } from 'react';
import classes from './icon-button.module.css';

interface Props extends Omit<ComponentPropsWithRef<'button'>, 'children' | 'type'> {
  label: string;
  testId?: string;
  children: ReactNode;
}

/** Shows the button. */
export function IconButton({ label, testId, children, className, ...rest }: Props) {
  return (
    <button type="button" aria-label={label} data-testid={testId} className={`${classes.button} ${className ?? ''}`} {...rest}>
      {children}
    </button>
  );
}
