import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { useServerGone } from './connection';
import { dismiss, isPassing, type Notification, useNotifications } from './notifications';

const GONE = {
  id: 'server-gone',
  type: 'warning',
  loading: true,
  header: 'The server does not answer',
} satisfies FlashbarProps.MessageDefinition;

const GOES_ON = 'The page goes on by itself when the server is back.';

/** Whether the page has anything that the server said of it; who the caller is, stands above every page. */
function useIsKnown(): boolean {
  const cache = useQueryClient().getQueryCache();
  return useSyncExternalStore(
    useCallback((listener) => cache.subscribe(listener), [cache]),
    () => cache.findAll({ type: 'active' }).some(({ queryKey, state }) => state.data !== undefined && queryKey.at(-1) !== 'caller-identity'),
  );
}

/** Above the page, what stays until somebody has seen to it. */
export function Notifications() {
  const gone = useServerGone();
  const content = useIsKnown() ? `What you see is what it last said. ${GOES_ON}` : `It has not said yet what belongs here. ${GOES_ON}`;
  const items = useNotifications().filter((one) => !isPassing(one)).map(item);
  return <Flashbar items={gone ? [{ ...GONE, content }, ...items] : items} />;
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
