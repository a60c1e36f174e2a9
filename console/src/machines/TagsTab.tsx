import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty, Unknown } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { TagsDialog } from './TagsDialog';
import { useStates } from './useStates';

export function TagsTab({ resourceArn }: { readonly resourceArn: string }) {
  const { api, key } = useStates();
  const [editing, setEditing] = useState(false);
  const query = useQuery({
    queryKey: [...key, 'tags', resourceArn],
    queryFn: ({ signal }) => api.listTagsForResource({ resourceArn }, { signal }),
  });
  const tags = query.data?.tags ?? [];
  const manage = (
    <Button disabled={query.data === undefined} onClick={() => setEditing(true)}>
      Manage tags
    </Button>
  );
  return (
    <SpaceBetween size="m">
      {query.isError ? <Problem what="The tags could not be listed" error={query.error} onRetry={() => void query.refetch()} /> : null}
      <Table
        items={tags}
        loading={query.isPending}
        loadingText="Loading tags"
        trackBy="key"
        columnDefinitions={[
          { id: 'key', header: 'Key', isRowHeader: true, cell: (tag) => tag.key },
          { id: 'value', header: 'Value', cell: (tag) => tag.value },
        ]}
        empty={query.isError ? <Unknown /> : <Empty title="No tags" action={manage} />}
        header={
          <Header variant="h2" counter={`(${tags.length})`} actions={manage}>
            Tags
          </Header>
        }
      />
      {editing ? <TagsDialog resourceArn={resourceArn} tags={tags} onClose={() => setEditing(false)} /> : null}
    </SpaceBetween>
  );
}
