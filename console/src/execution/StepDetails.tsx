import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs';
import { at, PlaceLink } from '../app/link';
import { durationText, Time } from '../ui/time';
import { resourcesOf } from './links';
import { ResourceLinks } from './ResourceLink';
import { type Run, retriesOf } from './model';
import { RunStatus } from './RunStatus';
import { iterationsAround } from './statuses';
import { nameOf } from '../graph/path';
import { useNow } from './useNow';

/** When and how often a state ran, and what it went to. */
export function StepDetails({ run, started }: { readonly run: Run; readonly started: number }) {
  const now = useNow(run.stopped === undefined);
  const last = run.attempts.at(-1);
  const resources = resourcesOf(run);
  const fn = resources.find(({ text }) => text.startsWith('Lambda: '))?.text.slice('Lambda: '.length);
  const seconds = (name: string): string | undefined => {
    const value = last?.details[name];
    return typeof value === 'number' ? `${value} s` : undefined;
  };
  const items: [label: string, value: KeyValuePairsProps.Pair['value'] | undefined][] = [
    ['Status', <RunStatus key="s" run={run} />],
    ['Type', run.type],
    ['Resource', resources.length === 0 ? undefined : <ResourceLinks key="r" resources={resources} />],
    ['Entered', <Time precise key="e" at={run.entered} />],
    ['Left', run.stopped === undefined ? undefined : <Time precise key="l" at={run.stopped} />],
    ['Started after', durationText(run.entered - started)],
    ['Duration', durationText((run.stopped ?? now) - run.entered)],
    ['Retries', String(retriesOf(run))],
    ['Timeout', seconds('timeoutInSeconds')],
    ['Heartbeat', seconds('heartbeatInSeconds')],
    ['Worker', last?.worker],
    ['Iterations', iterationsText(run)],
    ['Logs', fn === undefined ? undefined : <PlaceLink key="g" to={at('lambda', fn, { tab: 'logs' })}>{`/aws/lambda/${fn}`}</PlaceLink>],
    ['Event ids', `${run.id}${run.exitId === undefined ? '' : ` – ${run.exitId}`}`],
  ];
  return <KeyValuePairs columns={2} items={items.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }]))} />;
}

function iterationsText(run: Run): string | undefined {
  const around = [...iterationsAround(run)].reverse().map(([path, index]) => `${nameOf(path)}: ${index}`);
  if (run.length !== undefined) around.push(`${run.length} of its own`);
  return around.length === 0 ? undefined : around.join(', ');
}
