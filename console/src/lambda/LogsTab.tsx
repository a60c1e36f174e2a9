import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { getRouteApi } from '@tanstack/react-router';
import { AwsError } from '../aws/errors';
import type { FunctionConfiguration } from '../aws/lambda';
import { CopyCommand } from '../ui/CopyCli';
import { Empty, Unknown } from '../ui/Empty';
import { itemsAt, Paging, usePlace } from '../ui/Paging';
import { Problem } from '../ui/Problem';
import { Time } from '../ui/time';
import './lambda.css';
import { useLogs } from './useLogs';
import { withBreaks } from './report';

const route = getRouteApi('/lambda/$name');
const PAGE_ROWS = 100;

const RANGES = [
  { value: '900', label: 'Last 15 minutes', since: '15m' },
  { value: '3600', label: 'Last hour', since: '1h' },
  { value: '86400', label: 'Last day', since: '1d' },
  { value: '604800', label: 'Last week', since: '1w' },
] as const;

/** What the function wrote, from its log group; where there is none, where else to look. */
export function LogsTab({ config }: { readonly config: FunctionConfiguration }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = RANGES.find(({ value }) => value === search.last) ?? RANGES[1];
  const group = config.LoggingConfig?.LogGroup ?? `/aws/lambda/${config.FunctionName}`;
  const place = usePlace(PAGE_ROWS);
  const list = useLogs(group, Number(range.value), place.wanted);
  if (list.error instanceof AwsError && list.error.code === 'ResourceNotFoundException') {
    return <LogFile config={config} group={group} onRetry={list.refresh} />;
  }
  return (
    <SpaceBetween size="m">
      {list.isError ? <Problem what="The log could not be read" error={list.error} onRetry={list.refresh} /> : null}
      <Table
        contentDensity="compact"
        wrapLines
        items={itemsAt(place, list.items)}
        trackBy="eventId"
        loading={list.isPending}
        loadingText="Reading the log"
        ariaLabels={{ tableLabel: 'Log' }}
        header={
          <Header
            variant="h2"
            description={group}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh" onClick={list.refresh} />
                <CopyCommand words={['logs', 'tail', group, '--since', range.since]} />
                <Select
                  ariaLabel="Range"
                  selectedOption={range}
                  options={RANGES}
                  onChange={({ detail }) =>
                    void navigate({ search: (old) => ({ ...old, last: detail.selectedOption.value ?? '' }), replace: true })
                  }
                />
              </SpaceBetween>
            }
          >
            Log
          </Header>
        }
        columnDefinitions={[
          { id: 'time', header: 'Time', minWidth: 170, cell: ({ timestamp }) => <Time precise at={timestamp / 1000} /> },
          { id: 'message', header: 'Message', isRowHeader: true, cell: ({ message }) => <span className="log-line">{withBreaks(message).trimEnd()}</span> },
        ]}
        empty={list.unknown ? <Unknown /> : <Empty title="Nothing was logged" text="The function wrote nothing in this time." />}
        pagination={<Paging place={place} list={list} />}
      />
    </SpaceBetween>
  );
}

interface FileProps {
  readonly config: FunctionConfiguration;
  readonly group: string;
  readonly onRetry: () => void;
}

function LogFile({ config, group, onRetry }: FileProps) {
  const [, , , region, account, , name] = config.FunctionArn.split(':');
  return (
    <Alert type="info" header={`There is no log group ${group}`} action={<Button onClick={onRetry}>Look again</Button>}>
      The server keeps what the function writes in its data folder, in{' '}
      <span className="variable">
        <code>{`lambda/logs/${account ?? ''}/${region ?? ''}/${name ?? ''}.log`}</code>
      </span>
      . The last 4 KB of an invocation are shown where it is tested.
    </Alert>
  );
}
