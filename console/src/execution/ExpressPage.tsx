import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { at } from '../app/link';
import { Page } from '../app/Page';
import { machineOf } from '../machines/arn';
import { nameOfExecution } from './executionArn';
import { ExpressChild } from './ExpressChild';
import { NoHistory } from './NoHistory';

/** An EXPRESS execution: of a Map Run's children beginning and end are kept, of the others nothing. */
export function ExpressPage({ arn }: { readonly arn: string }) {
  const machine = machineOf(arn);
  const isChild = arn.split(':')[6]?.includes('/') === true;
  const crumbs = [
    { text: 'State machines', to: at('state-machines') },
    { text: machine.name, to: at('state-machines', machine.arn) },
  ];
  return (
    <Page title={nameOfExecution(arn)} crumbs={crumbs}>
      <ContentLayout header={<Header variant="h1">{nameOfExecution(arn)}</Header>}>
        <SpaceBetween size="l">
          {isChild ? <ExpressChild arn={arn} /> : null}
          <NoHistory arn={arn} />
        </SpaceBetween>
      </ContentLayout>
    </Page>
  );
}
