import { PlaceLink } from '../app/link';
import type { Resource } from './links';

/** What a state went to, with a link where the console has a page of it. */
export function ResourceLinks({ resources }: { readonly resources: readonly Resource[] }) {
  if (resources.length === 0) return <>-</>;
  return resources.map(({ text, place }, index) => (
    <span key={`${index}${text}`} title={text}>
      {index > 0 ? ', ' : ''}
      {place === undefined ? text : <PlaceLink to={place}>{text}</PlaceLink>}
    </span>
  ));
}
