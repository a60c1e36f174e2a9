import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import Table from '@cloudscape-design/components/table';
import type { FaceDetail } from '../aws/rekognition';
import { Empty } from '../ui/Empty';
import { percentText } from '../ui/percent';
import { attributesOf } from './attributes';

interface Props {
  readonly faces: readonly FaceDetail[] | undefined;
  readonly selected: number;
  readonly onSelect: (index: number) => void;
}

/** What one of the faces is said to be. */
export function FaceAttributes({ faces, selected, onSelect }: Props) {
  const options = (faces ?? []).map((_, index) => ({ value: String(index), label: `Face ${index + 1}` }));
  const face = faces?.[selected];
  const choice =
    options.length < 2 ? null : (
      <Select
        ariaLabel="Face"
        selectedOption={options[selected] ?? null}
        options={options}
        onChange={({ detail }) => onSelect(Number(detail.selectedOption.value))}
      />
    );
  return (
    <Table
      wrapLines
      items={face === undefined ? [] : attributesOf(face)}
      loading={faces === undefined}
      loadingText="Looking for faces"
      ariaLabels={{ tableLabel: 'Attributes' }}
      header={
        <Header variant="h2" actions={choice}>
          {faces === undefined ? 'Faces' : faces.length === 1 ? '1 face' : `${faces.length} faces`}
        </Header>
      }
      columnDefinitions={[
        { id: 'name', header: 'Attribute', isRowHeader: true, cell: ({ name }) => name },
        { id: 'value', header: 'Value', cell: ({ value }) => value },
        { id: 'confidence', header: 'Confidence', cell: ({ confidence }) => (confidence === undefined ? '-' : percentText(confidence)) },
      ]}
      empty={<Empty title="No faces" text="There is no face on this picture." />}
    />
  );
}
