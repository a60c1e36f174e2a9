import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

interface Props {
  readonly isDirty: () => boolean;
  /** Filters of the address that are another page where they differ; others are another view of the same. */
  readonly about?: readonly string[];
}

/** Asks before changes that are not saved are left behind; another view of the same page leaves nothing. */
export function LeaveDialog({ isDirty, about = [] }: Props) {
  const ask = useRef(isDirty);
  useEffect(() => {
    ask.current = isDirty;
  });
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => {
      const [here, there] = [current.search, next.search] as Readonly<Record<string, unknown>>[];
      return ask.current() && (decoded(current.pathname) !== decoded(next.pathname) || about.some((name) => here?.[name] !== there?.[name]));
    },
    enableBeforeUnload: () => ask.current(),
    withResolver: true,
  });
  if (status !== 'blocked') return null;
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button onClick={proceed}>Discard changes</Button>
        <Button variant="primary" onClick={reset}>Keep editing</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible header="Discard changes?" onDismiss={reset} footer={footer}>
      What you changed here is not saved yet. If you leave this page, it will be lost.
    </Modal>
  );
}

/** An ARN in an address that somebody typed has its colons as they are; the router's own have none. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
