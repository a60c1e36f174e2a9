import Alert from '@cloudscape-design/components/alert';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useRef, useState } from 'react';
import { errorText } from '../app/notifications';
import { sizeText } from '../ui/size';
import { ObjectPicker } from './ObjectPicker';
import { type Picture, readFile } from './picture';

interface Props {
  readonly picture: Picture | undefined;
  /** None: it was taken away, or is no picture. */
  readonly onChange: (picture: Picture | undefined) => void;
}

/** Chooses a picture: a file of this computer, or an object. */
export function PicturePicker({ picture, onChange }: Props) {
  const [kind, setKind] = useState<string>(picture?.kind ?? 'file');
  const [files, setFiles] = useState<File[]>([]);
  const [problem, setProblem] = useState<string>();
  const turn = useRef(0);
  /** The choice that was made last counts, though a large file chosen before it may be read later. */
  const take = (next: Picture | undefined) => {
    turn.current += 1;
    onChange(next);
  };
  const choose = async (chosen: File[]) => {
    const mine = (turn.current += 1);
    setFiles(chosen);
    setProblem(undefined);
    const [file] = chosen;
    try {
      const next = file === undefined ? undefined : await readFile(file);
      if (mine === turn.current) onChange(next);
    } catch (error) {
      if (mine !== turn.current) return;
      // What was found on the last one says nothing of this one.
      onChange(undefined);
      setProblem(errorText(error));
    }
  };
  return (
    <SpaceBetween size="s">
      <SegmentedControl
        label="Where the picture is"
        selectedId={kind}
        options={[
          { id: 'file', text: 'From this computer' },
          { id: 'object', text: 'From a bucket' },
        ]}
        onChange={({ detail }) => setKind(detail.selectedId)}
      />
      {kind === 'object' ? (
        <ObjectPicker object={picture?.kind === 'object' ? picture : undefined} onChange={take} />
      ) : (
        <FormField label="Picture" description="JPEG or PNG, up to 5 MB. Choose it, or drop it here.">
          <FileUpload
            value={files}
            accept="image/jpeg,image/png"
            onChange={({ detail }) => void choose(detail.value)}
            showFileSize
            i18nStrings={{
              uploadButtonText: () => 'Choose picture',
              dropzoneText: () => 'Drop the picture here',
              formatFileSize: sizeText,
              removeFileAriaLabel: () => 'Remove',
              errorIconAriaLabel: 'Error',
              warningIconAriaLabel: 'Warning',
            }}
          />
        </FormField>
      )}
      {problem === undefined ? null : <Alert type="error">{problem}</Alert>}
    </SpaceBetween>
  );
}
