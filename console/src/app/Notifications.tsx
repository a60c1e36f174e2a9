import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { useServerGone } from './connection';
import { dismiss, useNotifications } from './notifications';

const GONE: FlashbarProps.MessageDefinition = {
  id: 'server-gone',
  type: 'warning',
  loading: true,
  header: 'The server does not answer',
  content: 'What you see is what it last said. The page goes on by itself when the server is back.',
};

export function Notifications() {
  const gone = useServerGone();
  const items = useNotifications().map((notification) => ({
    ...notification,
    dismissible: true,
    dismissLabel: 'Dismiss',
    onDismiss: () => dismiss(notification.id),
  }));
  return <Flashbar items={gone ? [GONE, ...items] : items} />;
}
