import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tiles from '@cloudscape-design/components/tiles';
import { nameProblem } from '../machines/names';
import { type Config, LEVELS } from './config';

interface Props {
  readonly config: Config;
  readonly onChange: (config: Config) => void;
  /** Name and type are given when a state machine is made, and stay. */
  readonly isNew: boolean;
}

/** AWS's bound of tags. */
const TAGS_MAX = 50;

/** Name, type, role, logging, tracing, tags. */
export function ConfigForm({ config, onChange, isNew }: Props) {
  const set = (part: Partial<Config>) => onChange({ ...config, ...part });
  return (
    <div className="ce-config">
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Details</Header>}>
          <SpaceBetween size="m">
            <FormField stretch label="State machine name" errorText={isNew ? problemOf(config.name) : undefined}>
              <Input value={config.name} disabled={!isNew} onChange={({ detail }) => set({ name: detail.value })} autoComplete={false} />
            </FormField>
            <FormField stretch label="Type" description={isNew ? undefined : 'The type of a state machine cannot be changed.'}>
              <Tiles
                value={config.type}
                readOnly={!isNew}
                onChange={({ detail }) => set({ type: detail.value === 'EXPRESS' ? 'EXPRESS' : 'STANDARD' })}
                items={[
                  { value: 'STANDARD', label: 'Standard', description: 'Durable; runs up to a year; each step is recorded.' },
                  { value: 'EXPRESS', label: 'Express', description: 'In memory; runs up to five minutes; recorded in logs.' },
                ]}
              />
            </FormField>
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2">Permissions</Header>}>
          <FormField stretch label="Execution role" description="The ARN of the role that the state machine's tasks act as.">
            <Input value={config.roleArn} onChange={({ detail }) => set({ roleArn: detail.value })} autoComplete={false} spellcheck={false} />
          </FormField>
        </Container>
        <LoggingForm config={config} set={set} />
        <Container header={<Header variant="h2" description="Up to 50 names with values.">Tags</Header>}>
          <AttributeEditor
            items={config.tags}
            definition={[
              { label: 'Key', control: (tag, at) => <Input value={tag.key} ariaLabel="Key" onChange={({ detail }) => set({ tags: withTag(config, at, { ...tag, key: detail.value }) })} /> },
              { label: 'Value', control: (tag, at) => <Input value={tag.value} ariaLabel="Value" onChange={({ detail }) => set({ tags: withTag(config, at, { ...tag, value: detail.value }) })} /> },
            ]}
            addButtonText="Add tag"
            removeButtonText="Remove"
            empty="No tags."
            disableAddButton={config.tags.length >= TAGS_MAX}
            onAddButtonClick={() => set({ tags: [...config.tags, { key: '', value: '' }] })}
            onRemoveButtonClick={({ detail }) => set({ tags: config.tags.filter((_, at) => at !== detail.itemIndex) })}
          />
        </Container>
      </SpaceBetween>
    </div>
  );
}

const withTag = ({ tags }: Config, index: number, tag: { key: string; value: string }) => tags.map((old, at) => (at === index ? tag : old));

const problemOf = (name: string) => (name === '' ? 'A state machine needs a name.' : nameProblem(name));

function LoggingForm({ config, set }: { readonly config: Config; readonly set: (part: Partial<Config>) => void }) {
  return (
    <Container header={<Header variant="h2">Logging and tracing</Header>}>
      <SpaceBetween size="m">
        <FormField stretch label="Log level">
          <Select
            selectedOption={{ value: config.level }}
            options={LEVELS.map((value) => ({ value }))}
            onChange={({ detail }) => set({ level: LEVELS.find((level) => level === detail.selectedOption.value) ?? 'OFF' })}
            ariaLabel="Log level"
          />
        </FormField>
        {config.level === 'OFF' ? null : (
          <>
            <FormField stretch label="Log group" description="The ARN of a log group of CloudWatch Logs; it ends in :*.">
              <Input value={config.logGroupArn} onChange={({ detail }) => set({ logGroupArn: detail.value })} placeholder="arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/MyStateMachine-Logs:*" spellcheck={false} />
            </FormField>
            <Checkbox checked={config.includeExecutionData} onChange={({ detail }) => set({ includeExecutionData: detail.checked })}>Include execution data</Checkbox>
          </>
        )}
        <Checkbox checked={config.tracing} onChange={({ detail }) => set({ tracing: detail.checked })}>X-Ray tracing</Checkbox>
      </SpaceBetween>
    </Container>
  );
}
