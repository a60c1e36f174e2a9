import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { notify } from '../app/notifications';
import type { DescribeStateMachineOutput } from '../aws/states';
import { CopyCli } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { useStates } from './useStates';

interface Props {
  readonly machine: DescribeStateMachineOutput;
  readonly onClose: () => void;
}

/** Publishes what the person sees: with the revision, so that a newer one is refused. */
export function PublishDialog({ machine, onClose }: Props) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  const [description, setDescription] = useState('');
  const input = {
    stateMachineArn: machine.stateMachineArn,
    ...(machine.revisionId === undefined ? {} : { revisionId: machine.revisionId }),
    ...(description === '' ? {} : { description }),
  };
  const publish = async () => {
    const { stateMachineVersionArn: arn } = await api.publishStateMachineVersion(input);
    await queries.invalidateQueries({ queryKey: [...key, 'versions'] });
    notify.success(`Published version ${arn.split(':').at(-1) ?? ''}`);
  };
  return (
    <Dialog
      title="Publish version"
      action="Publish"
      onConfirm={publish}
      onClose={onClose}
      extra={<CopyCli service="stepfunctions" operation="PublishStateMachineVersion" input={input} />}
    >
      <Box>The present definition and settings become a version that does not change.</Box>
      <FormField label={<>Description <i>- optional</i></>} constraintText="Up to 256 characters.">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value.slice(0, 256))} />
      </FormField>
    </Dialog>
  );
}
