import { createRoute, notFound, redirect } from '@tanstack/react-router';
import { root } from './root';

/** The ARN in the rest of a path, and the page below it that the path ends with; none where the rest begins with no ARN. */
export function arnIn(rest: string, below: readonly string[]): { readonly arn: string; readonly page?: string } | undefined {
  if (!rest.startsWith('arn:')) return undefined;
  const page = below.find((one) => rest.endsWith(`/${one}`));
  return page === undefined ? { arn: rest } : { arn: rest.slice(0, -page.length - 1), page };
}

/**
 * The pages of an ARN that stands in the address as it is, with its slashes; `below`: the pages that follow it. Not beside a page at
 * the path itself, which the router would take for an empty rest.
 */
export const pasted = <const Path extends string>(path: Path, below: readonly string[] = []) =>
  createRoute({
    getParentRoute: () => root,
    path: `${path}/$`,
    beforeLoad: ({ params, location }) => {
      const found = arnIn((params as { _splat?: string })._splat ?? '', below);
      if (found === undefined) return notFound({ throw: true });
      const to: string = found.page === undefined ? `${path}/$arn` : `${path}/$arn/${found.page}`;
      throw redirect({ to, params: { arn: found.arn }, search: location.search, replace: true });
    },
  });
