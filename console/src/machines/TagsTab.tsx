import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty } from '../ui/Empty';
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
  if (query.isError) {
    return <Problem what="The tags could not be listed" error={query.error} onRetry={() => void query.refetch()} />;
  }
  const tags = query.data?.tags ?? [];
  const manage = (
    <Button disabled={query.isPending} onClick={() => setEditing(true)}>
      Manage tags
    </Button>
  );
  return (
    <>
      <Table
        items={tags}
        loading={query.isPending}
        loadingText="Loading tags"
        trackBy="key"
        columnDefinitions={[
          { id: 'key', header: 'Key', isRowHeader: true, cell: (tag) => tag.key },
          { id: 'value', header: 'Value', cell: (tag) => tag.value },
        ]}
        empty={<Empty title="No tags" action={manage} />}
        header={
          <Header variant="h2" counter={`(${tags.length})`} actions={manage}>
            Tags
          </Header>
        }
      />
      {editing ? <TagsDialog resourceArn={resourceArn} tags={tags} onClose={() => setEditing(false)} /> : null}
    </>
  );
}
