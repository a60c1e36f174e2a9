import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import { getRouteApi } from '@tanstack/react-router';
import { useRef } from 'react';
import { nameOf } from '../graph/path';
import { JsonView } from '../ui/JsonView';
import { Strip } from '../ui/Strip';
import { parsed, stateAt } from './definition';
import type { Model } from './model';
import { RunStatus } from './RunStatus';
import { StepAttempts } from './StepAttempts';
import { StepData } from './StepData';
import { StepDetails } from './StepDetails';
import { StepEvents } from './StepEvents';
import { useInView } from '../ui/useInView';
import { type Selection, withChanges } from './useSelection';

interface Props {
  readonly executionArn: string;
  readonly model: Model;
  readonly definition: string;
  readonly selection: Selection;
}

const route = getRouteApi('/executions/$arn');

/** The step that is selected, from every side. */
export function StepPanel({ executionArn, model, definition, selection }: Props) {
  const { step = 'data' } = route.useSearch();
  const navigate = route.useNavigate();
  const panel = useRef<HTMLElement>(null);
  const { path = '', run } = selection;
  useInView(panel, path);
  const state = stateAt(definition, path);
  const definitionTabs =
    state === undefined ? [] : [{ id: 'definition', label: 'Definition', content: <JsonView name="definition" text={JSON.stringify(state, null, 2)} /> }];
  const isUnknown = run === undefined && state === undefined && parsed(definition) !== undefined;
  const tabs =
    run === undefined
      ? definitionTabs
      : [
          { id: 'data', label: 'Input & Output', content: <StepData executionArn={executionArn} model={model} run={run} state={state} /> },
          { id: 'details', label: 'Details', content: <StepDetails run={run} started={model.events[0]?.timestamp ?? run.entered} /> },
          ...definitionTabs,
          { id: 'retry', label: 'Retry', content: <StepAttempts run={run} /> },
          { id: 'events', label: 'Events', content: <StepEvents model={model} run={run} selection={selection} /> },
        ];
  const shown = tabs.find(({ id }) => id === (step === 'advanced' ? 'data' : step)) ?? tabs[0];
  return (
    <section className="ex-panel" ref={panel} aria-label={`Step ${nameOf(path)}`}>
      <Header
        variant="h3"
        actions={<Button variant="icon" iconName="close" ariaLabel="Close the step" onClick={() => selection.selectPath(undefined)} />}
        description={run === undefined ? undefined : <RunStatus run={run} />}
      >
        {nameOf(path)}
      </Header>
      {isUnknown ? <Box color="text-body-secondary">The definition has no such state.</Box> : null}
      {run === undefined && !isUnknown ? <Box color="text-body-secondary">This step has not been entered{selection.picked.size > 0 ? ' in the chosen iteration' : ''}.</Box> : null}
      {shown === undefined ? null : (
        <Strip
          label="The step" tabs={tabs} active={shown.id}
          onChange={(id) => void navigate({ search: (old) => withChanges(old, { step: id === 'data' ? undefined : id }), replace: true, resetScroll: false })}
        >
          {shown.content}
        </Strip>
      )}
    </section>
  );
}
