import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { notify } from '../app/notifications';
import type { FunctionConfiguration } from '../aws/lambda';
import { Arrival } from '../ui/Arrival';
import { CopyCommand } from '../ui/CopyCli';
import { jsonProblem } from '../ui/json';
import { JsonInput } from '../ui/JsonInput';
import { Problem } from '../ui/Problem';
import { BLANK, forgetEvent, keepEvent, readEvents, type TestEvent } from './events';
import { TestResult } from './TestResult';
import { useInvoke } from './useInvoke';

interface Props {
  readonly config: FunctionConfiguration;
  readonly qualifier: string | undefined;
  /** Whether something was written to the code and not deployed. */
  readonly isChanged: boolean;
}

/** Invokes the function with an event, which this browser can keep. */
export function TestTab({ config, qualifier, isChanged }: Props) {
  // Versions share the events of their function.
  const arn = config.FunctionArn.split(':').slice(0, 7).join(':');
  const [events, setEvents] = useState(() => readEvents(localStorage, arn));
  const [event, setEvent] = useState<TestEvent>(events[0] ?? BLANK);
  const [mode, setMode] = useState('awaited');
  const run = useInvoke(config, qualifier);
  const problem = event.text.trim() === '' ? undefined : jsonProblem(event.text);
  const change = (work: () => readonly TestEvent[], then: TestEvent) => {
    try {
      setEvents(work());
      setEvent(then);
    } catch (error) {
      notify.error('The browser does not keep the event', error);
    }
  };
  const options = [{ value: '', label: 'New event' }, ...events.map(({ name }) => ({ value: name, label: name }))];
  const kept = events.find(({ name }) => name === event.name);
  const words = ['lambda', 'invoke', '--function-name', config.FunctionName, ...(qualifier === undefined ? [] : ['--qualifier', qualifier])];
  const cli = [
    ...words,
    ...(mode === 'event' ? ['--invocation-type', 'Event'] : ['--log-type', 'Tail']),
    '--cli-binary-format',
    'raw-in-base64-out',
    '--payload',
    event.text,
    '/dev/stdout',
  ];
  return (
    <SpaceBetween size="l">
      {isChanged ? <Alert type="warning" header="You have changes that are not deployed">A test runs the code that is deployed: deploy them first to test them.</Alert> : null}
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <CopyCommand words={cli} />
                <Button disabled={kept === undefined} onClick={() => change(() => forgetEvent(localStorage, arn, event.name), BLANK)}>
                  Delete event
                </Button>
                <Button
                  disabled={event.name.trim() === '' || problem !== undefined || kept?.text === event.text}
                  onClick={() => change(() => keepEvent(localStorage, arn, event), event)}
                >
                  Save event
                </Button>
                <Button variant="primary" disabled={problem !== undefined} loading={run.busy} onClick={() => run.start(event.text, mode === 'awaited')}>
                  Test
                </Button>
              </SpaceBetween>
            }
          >
            Test event
          </Header>
        }
      >
        <SpaceBetween size="m">
          <FormField label="Event" description="Kept in this browser, for this function.">
            <Select
              selectedOption={options.find(({ value }) => value !== '' && value === kept?.name) ?? options[0] ?? null}
              options={options}
              onChange={({ detail }) => setEvent(events.find(({ name }) => name === detail.selectedOption.value) ?? BLANK)}
            />
          </FormField>
          <FormField label={<>Name <i>- to save it</i></>}>
            <Input value={event.name} autoComplete={false} onChange={({ detail }) => setEvent({ ...event, name: detail.value })} />
          </FormField>
          <RadioGroup
            value={mode}
            onChange={({ detail }) => setMode(detail.value)}
            items={[
              { value: 'awaited', label: 'Synchronous', description: 'Waits for the end and shows the result here.' },
              { value: 'event', label: 'Asynchronous', description: 'The server keeps the event and tries again if the function fails.' },
            ]}
          />
          <JsonInput label="Payload" value={event.text} onChange={(text) => setEvent({ ...event, text })} />
        </SpaceBetween>
      </Container>
      {run.error === undefined ? null : (
        <Arrival label="Result" shown="error">
          <Problem what="The function could not be invoked" error={run.error} />
        </Arrival>
      )}
      {run.result === undefined ? null : (
        <Arrival label="Result" shown={run.result.requestId}>
          <TestResult result={run.result} seconds={run.seconds} />
        </Arrival>
      )}
    </SpaceBetween>
  );
}
