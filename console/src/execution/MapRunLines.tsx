import { getRouteApi } from '@tanstack/react-router';
import { at, PlaceLink } from '../app/link';
import { labelOf } from './mapRun';
import { MapRunProgress } from './MapRunProgress';
import type { Model } from './model';
import { useMapRun } from './useMapRun';

const route = getRouteApi('/executions/$arn');
/** Each is asked for by itself; of a loop's hundreds the list tells. */
const SHOWN_MAX = 3;

/** How far the Map Runs of an execution are. */
export function MapRunLines({ model }: { readonly model: Model }) {
  const { arn } = route.useParams();
  const all = [...new Set(model.runs.flatMap(({ mapRunArn }) => mapRunArn ?? []))];
  if (all.length === 0) return null;
  return (
    <div className="ex-bar">
      {all.slice(-SHOWN_MAX).map((one) => <div key={one} className="ex-grow"><MapRunLine arn={one} /></div>)}
      {all.length > SHOWN_MAX ? <PlaceLink to={at('executions', arn, { tab: 'map-runs' })}>All {all.length} Map Runs</PlaceLink> : null}
    </div>
  );
}

function MapRunLine({ arn }: { readonly arn: string }) {
  const { data } = useMapRun(arn);
  const link = <PlaceLink to={at('map-runs', arn)}>Map Run {labelOf(arn)}</PlaceLink>;
  return data === undefined ? link : <MapRunProgress run={data} label={link} />;
}
