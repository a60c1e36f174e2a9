import CloudscapeLink, { type LinkProps } from '@cloudscape-design/components/link';
import { useRouter } from '@tanstack/react-router';
import { BASE } from './base';
import { currentSession } from './session';

/** A place in the console and its filters: `at('state-machines', arn, { tab: 'aliases' })`. */
export interface Place {
  readonly segments: readonly string[];
  readonly search: Readonly<Record<string, string | undefined>>;
}

/** The address of a place, in the region that the page is about unless it names another. */
export function href({ segments, search }: Place): string {
  // A colon may stand in a path, and ARNs are read by people.
  const path = segments.map((segment) => encodeURIComponent(segment).replaceAll('%3A', ':')).join('/');
  const all: Place['search'] = { region: currentSession().region, ...search };
  const pairs = Object.entries(all).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return `${BASE}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}

export function at(...parts: (string | Record<string, string | undefined>)[]): Place {
  return {
    segments: parts.filter((part) => typeof part === 'string'),
    search: Object.assign({}, ...parts.filter((part) => typeof part === 'object')) as Place['search'],
  };
}

/** Goes to a place, or to an address of the console. */
export function useGo(): (to: Place | string) => void {
  const router = useRouter();
  return (to) => router.history.push(typeof to === 'string' ? to : href(to));
}

/** What Cloudscape's navigating components tell of a click. */
export interface Follow {
  preventDefault(): void;
  readonly detail: { readonly href?: string | undefined; readonly external?: boolean | undefined };
}

/** For `onFollow`: stays in the page where the link is the console's. */
export function useFollow(): (event: Follow) => void {
  const go = useGo();
  return (event) => {
    const to = event.detail.href;
    if (to?.startsWith(BASE) === true && event.detail.external !== true) {
      event.preventDefault();
      go(to);
    }
  };
}

/** A link to a place of the console. */
export function PlaceLink({ to, ...props }: Omit<LinkProps, 'href' | 'onFollow'> & { readonly to: Place }) {
  const follow = useFollow();
  return <CloudscapeLink {...props} href={href(to)} onFollow={follow} />;
}
