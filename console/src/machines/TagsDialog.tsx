import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Input from '@cloudscape-design/components/input';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { notify } from '../app/notifications';
import type { Tag } from '../aws/states';
import { CopyCliAll } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { difference } from './tags';
import { useStates } from './useStates';

interface Props {
  readonly resourceArn: string;
  readonly tags: readonly Tag[];
  readonly onClose: () => void;
}

/** The API's bound. */
const TAGS_MAX = 50;

export function TagsDialog({ resourceArn, tags: present, onClose }: Props) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  // What others add meanwhile was not on the form, so nobody has taken it off.
  const [before] = useState(present);
  const [tags, setTags] = useState<readonly Tag[]>(before);
  const { changed, removed } = difference(before, tags);
  const set = (index: number, part: Partial<Tag>) =>
    setTags(tags.map((tag, at) => (at === index ? { ...tag, ...part } : tag)));
  const untag = { resourceArn, tagKeys: removed };
  const tag = { resourceArn, tags: changed };
  const calls = [
    ...(removed.length > 0 ? [{ service: 'stepfunctions', operation: 'UntagResource', input: untag }] : []),
    ...(changed.length > 0 ? [{ service: 'stepfunctions', operation: 'TagResource', input: tag }] : []),
  ];
  const save = async () => {
    if (removed.length > 0) {
      await api.untagResource(untag);
    }
    if (changed.length > 0) {
      await api.tagResource(tag);
    }
    await queries.invalidateQueries({ queryKey: [...key, 'tags', resourceArn] });
    notify.success('Changed the tags');
  };
  const keys = tags.map((tag) => tag.key);
  const isWrong = keys.includes('') || new Set(keys).size < keys.length;
  return (
    <Dialog
      title="Manage tags"
      action="Save"
      size="large"
      disabled={isWrong}
      onConfirm={save}
      onClose={onClose}
      extra={<CopyCliAll calls={calls} />}
    >
      <AttributeEditor
        items={tags}
        addButtonText="Add tag"
        removeButtonText="Remove"
        empty="No tags"
        disableAddButton={tags.length >= TAGS_MAX}
        onAddButtonClick={() => setTags([...tags, { key: '', value: '' }])}
        onRemoveButtonClick={({ detail }) => setTags(tags.filter((_, at) => at !== detail.itemIndex))}
        definition={[
          {
            label: 'Key',
            errorText: (tag) => (keys.filter((other) => other === tag.key).length > 1 ? 'This key is there already.' : undefined),
            control: (tag, index) => <Input value={tag.key} onChange={({ detail }) => set(index, { key: detail.value })} />,
          },
          {
            label: 'Value',
            control: (tag, index) => <Input value={tag.value} onChange={({ detail }) => set(index, { value: detail.value })} />,
          },
        ]}
      />
    </Dialog>
  );
}
