import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import type { ReactNode } from 'react';
import type { FaceMatch } from '../aws/rekognition';
import { Empty } from '../ui/Empty';
import { MATCH_COLUMNS } from './faceColumns';

interface Props {
  readonly title: string;
  readonly collection: string;
  readonly matches: readonly FaceMatch[] | undefined;
  readonly threshold: number;
  readonly actions?: ReactNode;
}

/** Faces of a collection with how similar they are, the most similar first. */
export function Matches({ title, collection, matches, threshold, actions }: Props) {
  return (
    <Table
      wrapLines
      items={matches ?? []}
      loading={matches === undefined}
      loadingText="Comparing faces"
      ariaLabels={{ tableLabel: title }}
      columnDefinitions={MATCH_COLUMNS(collection)}
      header={
        <Header variant="h2" counter={matches === undefined ? '' : `(${matches.length})`} actions={actions}>
          {title}
        </Header>
      }
      empty={<Empty title="No similar face" text={`None in the collection is similar by ${threshold}% or more.`} />}
    />
  );
}
