import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { errorText } from '../app/notifications';
import type { FunctionConfiguration } from '../aws/lambda';
import { CopyCommand } from '../ui/CopyCli';
import { LeaveDialog } from '../ui/LeaveDialog';
import { saveFile } from '../ui/saveFile';
import { type Draft, isBehind, NO_FILES, type Package, withText } from './draft';
import { FileList } from './FileList';
import { FileText } from './FileText';
import './lambda.css';
import { OverwriteCode } from './OverwriteCode';
import { UploadZip } from './UploadZip';
import { useDeploy } from './useDeploy';
import { entriesOf, type Entry } from './zip';

const route = getRouteApi('/lambda/$name');

interface Props {
  readonly config: FunctionConfiguration;
  /** What is shown: the package that the draft was made of, or the function's own. */
  readonly base: Package;
  readonly draft: Draft | undefined;
  readonly isFixed: boolean;
  readonly onChange: (draft: Draft | undefined) => void;
}

/** The files of a package; small texts can be written. */
export function CodeView({ config, base, draft, isFixed, onChange }: Props) {
  const { file } = route.useSearch();
  const navigate = route.useNavigate();
  const { zip } = base;
  const changed = draft?.files ?? NO_FILES;
  const { entries, problem } = useMemo(() => list(zip), [zip]);
  const { deploy, upload, busy, isElsewhere, forget } = useDeploy(config, draft, () => onChange(undefined));
  const name = config.FunctionName;
  const selected = entries.find((entry) => entry.name === file) ?? mainOf(entries, config.Handler);
  const words = ['lambda', 'update-function-code', '--function-name', name, '--zip-file', `fileb://${name}.zip`];
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <CopyCommand words={words} />
      <Button iconName="download" onClick={() => saveFile(zip as BlobPart, `${name}.zip`, 'application/zip')}>
        Download
      </Button>
      {isFixed ? null : <UploadZip onChoose={upload} disabled={busy} />}
      {isFixed ? null : (
        <Button variant="primary" disabled={changed.size === 0} loading={busy} onClick={() => deploy('ask')}>
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
      <SpaceBetween size="m">
        {problem === undefined ? null : (
          <Alert type="error" header="The package could not be opened">
            {problem}
          </Alert>
        )}
        {isBehind(draft, config) && !busy ? (
          <Alert type="warning" header="Another package was deployed meanwhile" action={<Button onClick={() => onChange(undefined)}>Discard my changes</Button>}>
            What you see is the package that you changed. Discard your changes to see the new one.
          </Alert>
        ) : null}
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
              isFixed={isFixed || busy}
              onChange={(text) => onChange(withText(base, changed, selected.name, text))}
            />
          )}
        </div>
      </SpaceBetween>
      {isElsewhere ? <OverwriteCode name={name} onDeploy={() => deploy('overwrite')} onClose={forget} /> : null}
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
