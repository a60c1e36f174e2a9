import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { errorText, notify } from '../app/notifications';
import type { DescribeAliasOutput, DescribeStateMachineOutput, Route } from '../aws/states';
import { CopyCli } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { useStates } from './useStates';
import { useVersions } from './VersionsTab';

interface Props {
  readonly machine: DescribeStateMachineOutput;
  /** The one to change; a new one if absent. */
  readonly alias?: DescribeAliasOutput;
  readonly onClose: () => void;
}

const NONE = { value: '', label: 'None' };

/** One version, or two with the share of executions that the second one gets. */
export function AliasDialog({ machine, alias, onClose }: Props) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  const versions = useVersions(machine.stateMachineArn);
  const [name, setName] = useState(alias?.name ?? '');
  const [description, setDescription] = useState(alias?.description ?? '');
  const [first, setFirst] = useState(alias?.routingConfiguration[0]?.stateMachineVersionArn);
  const [second, setSecond] = useState(alias?.routingConfiguration[1]?.stateMachineVersionArn);
  const [share, setShare] = useState(String(alias?.routingConfiguration[1]?.weight ?? 10));
  const options = versions.items.map(({ stateMachineVersionArn: value }) => ({ value, label: `Version ${value.split(':').at(-1) ?? ''}` }));
  const chosen = (arn: string | undefined) => options.find(({ value }) => value === arn) ?? null;
  const main = first ?? options[0]?.value;
  const routes = routesOf(main, second, Number(share));
  const fresh = { name, ...(description === '' ? {} : { description }), routingConfiguration: routes };
  const changed = { stateMachineAliasArn: alias?.stateMachineAliasArn ?? '', description, routingConfiguration: routes };
  const save = async () => {
    await (alias === undefined ? api.createStateMachineAlias(fresh) : api.updateStateMachineAlias(changed));
    await queries.invalidateQueries({ queryKey: [...key, 'aliases'] });
    notify.success(alias === undefined ? `Created alias ${name}` : `Changed alias ${name}`);
  };
  const operation = alias === undefined ? 'CreateStateMachineAlias' : 'UpdateStateMachineAlias';
  return (
    <Dialog
      title={alias === undefined ? 'Create alias' : `Edit alias ${alias.name}`}
      action={alias === undefined ? 'Create alias' : 'Save'}
      disabled={name.trim() === '' || routes.length === 0}
      onConfirm={save}
      onClose={onClose}
      extra={<CopyCli service="stepfunctions" operation={operation} input={alias === undefined ? fresh : changed} />}
    >
      <FormField label="Name">
        <Input value={name} disabled={alias !== undefined} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField label={<>Description <i>- optional</i></>}>
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
      <FormField label="Version" errorText={versions.complete && options.length === 0 ? 'Publish a version first.' : undefined}>
        <Select
          selectedOption={chosen(main)}
          options={options}
          statusType={versions.complete ? 'finished' : versions.isError ? 'error' : 'loading'}
          errorText={versions.isError ? errorText(versions.error) : ''}
          onChange={({ detail }) => setFirst(detail.selectedOption.value)}
        />
      </FormField>
      <FormField label={<>Second version <i>- optional</i></>}>
        <Select
          selectedOption={chosen(second) ?? NONE}
          options={[NONE, ...options.filter(({ value }) => value !== main)]}
          onChange={({ detail }) => setSecond(detail.selectedOption.value === '' ? undefined : detail.selectedOption.value)}
        />
      </FormField>
      {second === undefined ? null : (
        <FormField label="Share of the second version in percent">
          <Input type="number" inputMode="numeric" value={share} onChange={({ detail }) => setShare(detail.value)} />
        </FormField>
      )}
    </Dialog>
  );
}

function routesOf(first: string | undefined, second: string | undefined, share: number): Route[] {
  if (first === undefined) {
    return [];
  }
  if (second === undefined || second === first) {
    return [{ stateMachineVersionArn: first, weight: 100 }];
  }
  const weight = Math.min(100, Math.max(0, Math.round(share)));
  return [
    { stateMachineVersionArn: first, weight: 100 - weight },
    { stateMachineVersionArn: second, weight },
  ];
}
