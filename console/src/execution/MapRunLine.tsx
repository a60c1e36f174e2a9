import ProgressBar from '@cloudscape-design/components/progress-bar';
import { useQuery } from '@tanstack/react-query';
import { at, PlaceLink } from '../app/link';
import type { DescribeMapRunOutput } from '../aws/states';
import { useStates } from '../machines/useStates';
import { useHasPage } from './links';
import type { Model } from './model';

const POLL_MS = 2000;

export function useMapRun(mapRunArn: string) {
  const { api, key } = useStates();
  return useQuery({
    queryKey: [...key, 'map-run', mapRunArn],
    queryFn: ({ signal }) => api.describeMapRun({ mapRunArn }, { signal }),
    refetchInterval: (query) => (query.state.data?.status === 'RUNNING' ? POLL_MS : false),
  });
}

/** How far the Map Runs of an execution are. */
export function MapRunLines({ model }: { readonly model: Model }) {
  const arns = [...new Set(model.runs.flatMap(({ mapRunArn }) => (mapRunArn === undefined ? [] : [mapRunArn])))];
  return arns.map((arn) => <MapRunLine key={arn} arn={arn} />);
}

function MapRunLine({ arn }: { readonly arn: string }) {
  const { data } = useMapRun(arn);
  const hasPage = useHasPage();
  const place = at('map-runs', arn);
  const name = `Map Run ${arn.split(':').at(-2)?.split('/').at(-1) ?? ''}`;
  const label = hasPage(place) ? <PlaceLink to={place}>{name}</PlaceLink> : name;
  return data === undefined ? <div>{label}</div> : <MapRunProgress run={data} label={label} />;
}

export function MapRunProgress({ run, label }: { readonly run: DescribeMapRunOutput; readonly label: React.ReactNode }) {
  const { total, succeeded, failed, timedOut, aborted } = run.itemCounts;
  const done = succeeded + failed + timedOut + aborted;
  const bad = failed + timedOut + aborted;
  const ended = run.status !== 'RUNNING';
  const text = `${done} of ${total} items${bad === 0 ? '' : `, ${bad} of them not succeeded`}`;
  return (
    <ProgressBar
      label={label} value={total === 0 ? 100 : (done / total) * 100} additionalInfo={text}
      status={ended ? (run.status === 'SUCCEEDED' ? 'success' : 'error') : 'in-progress'} resultText={ended ? text : ''}
    />
  );
}
