import type { SideNavigationProps } from '@cloudscape-design/components/side-navigation';
import { at, href, type Place } from './link';

interface Entry {
  readonly text: string;
  readonly place: Place;
}

interface Section {
  readonly text: string;
  readonly entries: readonly Entry[];
}

/** The one list of what the console has. */
const SECTIONS: readonly Section[] = [
  { text: 'Step Functions', entries: [{ text: 'State machines', place: at('state-machines') }] },
  { text: 'Lambda', entries: [{ text: 'Functions', place: at('lambda') }] },
  { text: 'S3', entries: [{ text: 'Buckets', place: at('s3') }] },
  { text: 'DynamoDB', entries: [{ text: 'Tables', place: at('dynamodb') }] },
  {
    text: 'Rekognition',
    entries: [
      { text: 'Collections', place: at('rekognition') },
      { text: 'Detect faces', place: at('detect-faces') },
    ],
  },
];

export function navigationItems(): SideNavigationProps.Item[] {
  return SECTIONS.map(({ text, entries }) => ({
    type: 'section',
    text,
    items: entries.map((entry) => ({ type: 'link', text: entry.text, href: href(entry.place) })),
  }));
}

/** Kinds of pages that have no list of their own lie under another's. */
const HOMES: Readonly<Record<string, string>> = { executions: 'state-machines', 'map-runs': 'state-machines' };

/** The list that a path, `/executions/…`, lies under. */
export function homeOf(path: string): string {
  const first = path.split('/').find((segment) => segment !== '') ?? '';
  return HOMES[first] ?? first;
}
