/** Where short messages appear: at the lower edge, in the middle of the grid, clear of the inspector on either side. */
import { Notifications } from '@mantine/notifications';
import classes from './toast.module.css';

/** Shows the messages. */
export function Messages({ isBesideSidebar }: { isBesideSidebar: boolean }) {
  return (
    <Notifications
      position="bottom-center"
      limit={3}
      containerWidth="auto"
      zIndex={400}
      className={classes.messages}
      data-beside-sidebar={isBesideSidebar || undefined}
    />
  );
}
