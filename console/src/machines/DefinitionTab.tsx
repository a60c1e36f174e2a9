import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { at, href, useFollow } from '../app/link';
import type { DescribeStateMachineOutput } from '../aws/states';
import { CopyCli } from '../ui/CopyCli';
import { JsonView } from '../ui/JsonView';
import './definition.css';
import { machineOf } from './arn';

const route = getRouteApi('/state-machines/$arn');
/** Its code comes only when it is looked at. */
const Graph = lazy(async () => ({ default: (await import('../graph/Graph')).Graph }));

/** What the state machine does: its text, and its graph. */
export function DefinitionTab({ machine }: { readonly machine: DescribeStateMachineOutput }) {
  const { state } = route.useSearch();
  const navigate = route.useNavigate();
  const follow = useFollow();
  const select = (path: string | undefined) =>
    void navigate({ search: (old) => ({ ...old, state: path ?? '' }), replace: true });
  const arn = machine.stateMachineArn;
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <CopyCli service="stepfunctions" operation="DescribeStateMachine" input={{ stateMachineArn: arn }} />
      {machineOf(arn).arn === arn ? (
        <Button href={href(at('state-machines', arn, 'edit'))} onFollow={follow}>
          Edit
        </Button>
      ) : null}
    </SpaceBetween>
  );
  return (
    <Container
      header={
        <Header variant="h2" actions={actions}>
          Definition
        </Header>
      }
    >
      <div className="definition">
        <JsonView name="definition" text={machine.definition} />
        <div className="definition-graph">
          <Suspense fallback={<Spinner size="large" />}>
            <Graph definition={machine.definition} selected={state} onSelect={select} label={machine.name} />
          </Suspense>
        </div>
      </div>
    </Container>
  );
}
