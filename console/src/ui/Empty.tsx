import Box from '@cloudscape-design/components/box';
import type { ReactNode } from 'react';
import { useServerGone } from '../app/connection';

interface Props {
  readonly title: string;
  readonly text?: string;
  readonly action?: ReactNode;
}

/** In place of a list that the server has not told; why not stands above. */
export function Unknown() {
  const gone = useServerGone();
  if (gone) {
    return <Empty title="Waiting for the server" text="The list appears as soon as it answers." />;
  }
  return <Empty title="Not known" text="The server has not said what there is." />;
}

/** In place of a list that is empty. */
export function Empty({ title, text, action }: Props) {
  return (
    <Box textAlign="center" color="inherit" padding={{ vertical: 'm' }}>
      <Box variant="p" color="inherit" fontWeight="bold" padding={{ bottom: text === undefined && action !== undefined ? 's' : 'n' }}>
        {title}
      </Box>
      {text === undefined ? null : (
        <Box variant="p" color="inherit" padding={{ bottom: 's' }}>
          {text}
        </Box>
      )}
      {action}
    </Box>
  );
}
