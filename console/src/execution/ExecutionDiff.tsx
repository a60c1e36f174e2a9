import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { DescribeExecutionOutput } from '../aws/states';
import { ValueDiff } from './ValueDiff';

interface Props {
  readonly left: DescribeExecutionOutput;
  readonly right: DescribeExecutionOutput;
  readonly definitions: readonly [left: string | undefined, right: string | undefined];
}

/** What went into two executions and what came out; their definitions too if those are not the same. */
export function ExecutionDiff({ left, right, definitions }: Props) {
  const [a, b] = definitions;
  const errors = [errorText(left), errorText(right)] as const;
  return (
    <Container header={<Header variant="h2">Input and output</Header>}>
      <SpaceBetween size="m">
        <ValueDiff name="Input" left={left.input} right={right.input} />
        <ValueDiff name="Output" left={left.output} right={right.output} />
        {errors[0] === undefined && errors[1] === undefined ? null : <ValueDiff name="Error" left={errors[0]} right={errors[1]} />}
        {a === undefined || b === undefined || a === b ? null : <ValueDiff name="Definition" left={a} right={b} />}
      </SpaceBetween>
    </Container>
  );
}

function errorText({ error, cause }: DescribeExecutionOutput): string | undefined {
  return error === undefined && cause === undefined ? undefined : JSON.stringify({ error, cause });
}
