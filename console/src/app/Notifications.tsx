import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { useServerGone } from './connection';
import { dismiss, isPassing, type Notification, useNotifications } from './notifications';

const GONE: FlashbarProps.MessageDefinition = {
  id: 'server-gone',
  type: 'warning',
  loading: true,
  header: 'The server does not answer',
  content: 'What you see is what it last said. The page goes on by itself when the server is back.',
};

/** Above the page, what stays until somebody has seen to it. */
export function Notifications() {
  const gone = useServerGone();
  const items = useNotifications().filter((one) => !isPassing(one)).map(item);
  return <Flashbar items={gone ? [GONE, ...items] : items} />;
}

/** Over whatever page is shown, what goes by itself: it would push the page down and let it go again under somebody's hand. */
export function PassingNotifications() {
  return (
    <div className="passing">
      <Flashbar items={useNotifications().filter(isPassing).map(item)} />
    </div>
  );
}

const item = (notification: Notification): FlashbarProps.MessageDefinition => ({
  ...notification,
  // Said to those who do not see it, without taking the keyboard from where it is.
  ariaRole: 'status',
  dismissible: true,
  dismissLabel: 'Dismiss',
  onDismiss: () => dismiss(notification.id),
});
