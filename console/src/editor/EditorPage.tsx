import Box from '@cloudscape-design/components/box';
import { Page } from '../app/Page';
import { at } from '../app/link';

export function CreatePage() {
  return <Placeholder title="Create state machine" />;
}

export function EditPage() {
  return <Placeholder title="Edit state machine" />;
}

function Placeholder({ title }: { readonly title: string }) {
  return (
    <Page title={title} crumbs={[{ text: 'State machines', to: at('state-machines') }]}>
      <Box variant="h1">{title}</Box>
    </Page>
  );
}
