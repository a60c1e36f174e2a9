import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useRef } from 'react';
import { at, PlaceLink } from '../app/link';
import { errorOf, type Pair } from './compare';
import { inputOf, type Model, outputOf, type Run } from './model';
import { useInView } from '../ui/useInView';
import type { Side } from './useSide';
import { ValueDiff } from './ValueDiff';

interface Props {
  readonly pair: Pair;
  readonly left: Side;
  readonly right: Side;
  readonly onClose: () => void;
}

/** What one step was given, gave and failed with in both executions. */
export function PairPanel({ pair, left, right, onClose }: Props) {
  const panel = useRef<HTMLElement>(null);
  useInView(panel, pair.key);
  const both = (read: (model: Model, run: Run) => string | undefined) => ({
    left: pair.left && read(left.history.model, pair.left),
    right: pair.right && read(right.history.model, pair.right),
  });
  const errors = both((_, run) => errorOf(run));
  return (
    <section className="ex-panel" ref={panel} aria-label={`Step ${pair.title}`}>
      <SpaceBetween size="m">
        <Header variant="h3" actions={<Button variant="icon" iconName="close" ariaLabel="Close the step" onClick={onClose} />}>{pair.title}</Header>
        <SpaceBetween direction="horizontal" size="m">
          <StepLink side={left} run={pair.left} letter="A" />
          <StepLink side={right} run={pair.right} letter="B" />
        </SpaceBetween>
        <ValueDiff key={`i${pair.key}`} name="Input" {...both(inputOf)} />
        <ValueDiff key={`o${pair.key}`} name="Output" {...both(outputOf)} />
        {errors.left === undefined && errors.right === undefined ? null : <ValueDiff key={`e${pair.key}`} name="Error" {...errors} />}
      </SpaceBetween>
    </section>
  );
}

/** To the step on the page of its execution. */
function StepLink({ side, run, letter }: { readonly side: Side; readonly run: Run | undefined; readonly letter: string }) {
  if (run === undefined) return <span className="ex-quiet">Not entered in {letter}</span>;
  return <PlaceLink to={at('executions', side.arn, { state: run.path, event: String(run.id) })}>The step in {letter}</PlaceLink>;
}
