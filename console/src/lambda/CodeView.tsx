import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { errorText, notify } from '../app/notifications';
import type { FunctionConfiguration } from '../aws/lambda';
import { CopyCommand } from '../ui/CopyCli';
import { LeaveDialog } from '../ui/LeaveDialog';
import { saveFile } from '../ui/saveFile';
import { FileList } from './FileList';
import { FileText } from './FileText';
import './lambda.css';
import { UploadZip } from './UploadZip';
import { useUpdateCode } from './useUpdateCode';
import { entriesOf, type Entry, withFiles } from './zip';

const route = getRouteApi('/lambda/$name');

interface Props {
  readonly config: FunctionConfiguration;
  readonly zip: Uint8Array;
  readonly isFixed: boolean;
}

/** The files of a package; small texts can be written. */
export function CodeView({ config, zip, isFixed }: Props) {
  const { file } = route.useSearch();
  const navigate = route.useNavigate();
  const { entries, problem } = useMemo(() => list(zip), [zip]);
  const [changed, setChanged] = useState<ReadonlyMap<string, string>>(new Map());
  const { update, busy } = useUpdateCode(config);
  const name = config.FunctionName;
  const selected = entries.find((entry) => entry.name === file) ?? mainOf(entries, config.Handler);
  const deploy = async () => {
    try {
      await update(withFiles(zip, changed));
    } catch (error) {
      notify.error('The code could not be saved', error);
    }
  };
  const words = ['lambda', 'update-function-code', '--function-name', name, '--zip-file', `fileb://${name}.zip`];
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <CopyCommand words={words} />
      <Button iconName="download" onClick={() => saveFile(zip as BlobPart, `${name}.zip`, 'application/zip')}>
        Download
      </Button>
      {isFixed ? null : <UploadZip onChoose={update} disabled={busy} />}
      {isFixed ? null : (
        <Button variant="primary" disabled={changed.size === 0} loading={busy} onClick={deploy}>
          {changed.size < 2 ? 'Deploy' : `Deploy ${changed.size} files`}
        </Button>
      )}
    </SpaceBetween>
  );
  return (
    <Container
      header={
        <Header variant="h2" counter={`(${entries.length})`} actions={actions} description={`Handler: ${config.Handler ?? '-'}`}>
          Code
        </Header>
      }
    >
      {problem === undefined ? null : (
        <Alert type="error" header="The package could not be opened">
          {problem}
        </Alert>
      )}
      <div className="code">
        <FileList
          entries={entries}
          selected={selected?.name}
          changed={changed}
          onSelect={(next) => void navigate({ search: (old) => ({ ...old, tab: 'code', file: next }), replace: true })}
        />
        {selected === undefined ? null : (
          <FileText
            key={selected.name}
            zip={zip}
            entry={selected}
            changed={changed.get(selected.name)}
            isFixed={isFixed}
            onChange={(text) => {
              const next = new Map(changed);
              if (text === undefined) {
                next.delete(selected.name);
              } else {
                next.set(selected.name, text);
              }
              setChanged(next);
            }}
          />
        )}
      </div>
      <LeaveDialog isDirty={() => changed.size > 0} about={['qualifier']} />
    </Container>
  );
}

function list(zip: Uint8Array): { entries: readonly Entry[]; problem?: string } {
  try {
    return { entries: entriesOf(zip).filter(({ name }) => !name.endsWith('/')) };
  } catch (error) {
    return { entries: [], problem: errorText(error) };
  }
}

/** The file that the handler names, or else the first. */
function mainOf(entries: readonly Entry[], handler = ''): Entry | undefined {
  const module = handler.slice(0, handler.lastIndexOf('.'));
  const isMain = ({ name }: Entry) => name === handler || (module !== '' && name.replace(/\.[^./]+$/, '') === module);
  return entries.find(isMain) ?? entries[0];
}
