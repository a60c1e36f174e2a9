import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useAccount } from '../app/account';
import { useAws } from '../app/aws';
import { at } from '../app/link';
import { Page } from '../app/Page';
import { useStates } from '../machines/useStates';
import { Problem } from '../ui/Problem';
import { type Config, configOf, freshConfig } from './config';
import type { Mode } from './EditorHeader';
import { StateMachineEditor } from './StateMachineEditor';
import { settled, type Template } from './templates';
import { TemplatesView } from './TemplatesView';

const LIST = { text: 'State machines', to: at('state-machines') };

/** Makes a state machine: from a template, or from the one that `from` names. */
export function CreatePage() {
  const { from } = useSearch({ from: '/state-machines/create' });
  const machine = useMachine(from);
  const account = useAccount();
  const client = useAws();
  const [template, setTemplate] = useState<Machine>();
  const [mode, setMode] = useState<Mode>('design');
  const [selected, setSelected] = useState<string>();
  const copy = machine.data;
  const choose = ({ id, text }: Template) => {
    const owner = account?.account ?? '000000000000';
    setTemplate({ text: settled(text, client.session.region, owner), config: freshConfig(nameFor(id), owner) });
  };
  const begin = copy === undefined ? template : copied(copy);
  return (
    <Page title="Create state machine" crumbs={[LIST]} bare={begin !== undefined} contentType={begin === undefined ? 'default' : 'dashboard'}>
      {machine.error === null ? null : <Problem what="The state machine to copy could not be read" error={machine.error} onRetry={() => void machine.refetch()} />}
      {begin !== undefined ? (
        <StateMachineEditor {...begin} mode={mode} onMode={setMode} selected={selected} onSelect={setSelected} />
      ) : from === undefined ? (
        <TemplatesView onChoose={choose} />
      ) : machine.isPending ? <Waiting /> : null}
    </Page>
  );
}

const nameFor = (template: string) => (template === 'rider-photo' ? 'RiderPhotoProcessing' : `MyStateMachine-${suffix()}`);
const suffix = () => Math.random().toString(36).slice(2, 11);

function copied({ text, config }: Machine): Machine {
  return { text, config: { ...config, name: `${config.name}-copy`.slice(0, 80) } };
}

/** Edits a state machine; its address says which view and which state. */
export function EditPage() {
  const { arn } = useParams({ from: '/state-machines/$arn/edit' });
  const search = useSearch({ from: '/state-machines/$arn/edit' });
  const navigate = useNavigate({ from: '/state-machines/$arn/edit' });
  const { data, error, isPending, refetch } = useMachine(arn);
  const name = arn.split(':').at(-1) ?? arn;
  const mode: Mode = search.mode === 'code' || search.mode === 'config' ? search.mode : 'design';
  return (
    <Page title={`Edit ${name}`} crumbs={[LIST, { text: name, to: at('state-machines', arn) }]} bare>
      {error === null ? null : <Problem what="The state machine could not be read" error={error} onRetry={() => void refetch()} />}
      {isPending ? <Waiting /> : null}
      {data === undefined ? null : (
        <StateMachineEditor
          key={arn} arn={arn} {...data} mode={mode} selected={search.state}
          onMode={(next) => void navigate({ search: (old) => ({ ...old, mode: next }), replace: true, resetScroll: false })}
          onSelect={(state) => void navigate({ search: (old) => ({ ...old, state: state ?? '' }), replace: true, resetScroll: false })}
        />
      )}
    </Page>
  );
}

const Waiting = () => <Box textAlign="center" padding="xxl"><Spinner size="large" /></Box>;

interface Machine {
  readonly text: string;
  readonly config: Config;
  readonly revision?: string | undefined;
}

/** Read once: while it is edited, what others save must not replace what is typed. */
function useMachine(arn: string | undefined) {
  const { api, key } = useStates();
  return useQuery({
    queryKey: ['editor', ...key, arn],
    queryFn: async ({ signal }): Promise<Machine> => {
      const stateMachineArn = arn ?? '';
      const [machine, { tags }] = await Promise.all([
        api.describeStateMachine({ stateMachineArn }, { signal }),
        api.listTagsForResource({ resourceArn: stateMachineArn }, { signal }),
      ]);
      return { text: machine.definition, config: configOf(machine, tags), revision: machine.revisionId };
    },
    enabled: arn !== undefined,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}
