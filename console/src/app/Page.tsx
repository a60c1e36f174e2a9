import AppLayout, { type AppLayoutProps } from '@cloudscape-design/components/app-layout';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import SideNavigation from '@cloudscape-design/components/side-navigation';
import { useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { at, href, type Place, useFollow } from './link';
import { homeOf, navigationItems } from './navigation';
import { Notifications } from './Notifications';

export interface Crumb {
  readonly text: string;
  readonly to?: Place;
}

interface Props extends Pick<AppLayoutProps, 'contentType' | 'splitPanel' | 'splitPanelOpen' | 'onSplitPanelToggle'> {
  /** The browser's title, and the last of the breadcrumbs. */
  readonly title: string;
  readonly crumbs?: readonly Crumb[];
  /** For pages that use the window to its edges, such as the editor. */
  readonly bare?: boolean;
  /** For pages of things beside each other: as wide as the window, the navigation folded at first unless there is room for it too. */
  readonly roomy?: boolean;
  readonly children: ReactNode;
}

/** The frame around every page: navigation, breadcrumbs, notifications, title. */
export function Page({ title, crumbs = [], bare = false, roomy = false, children, ...layout }: Props) {
  const [open, setOpen] = useNavigationOpen(bare ? 'bare' : roomy ? 'roomy' : 'usual');
  const path = useRouterState({ select: (state) => state.location.pathname });
  const follow = useFollow();
  useEffect(() => {
    document.title = `${title} | Canter`;
  }, [title]);
  const items = [...crumbs, { text: title }].map(({ text, to }) => ({ text, href: href(to ?? at()) }));
  return (
    <AppLayout
      {...layout}
      headerSelector="#top"
      toolsHide
      disableContentPaddings={bare}
      {...(bare || roomy ? { maxContentWidth: Number.MAX_VALUE } : {})}
      navigationOpen={open}
      onNavigationChange={({ detail }) => setOpen(detail.open)}
      navigation={
        <SideNavigation
          header={{ text: 'Canter', href: href(at('state-machines')) }}
          activeHref={href(at(homeOf(path)))}
          items={navigationItems()}
          onFollow={follow}
        />
      }
      breadcrumbs={<BreadcrumbGroup items={items} onFollow={follow} ariaLabel="Breadcrumbs" />}
      notifications={<Notifications />}
      content={children}
    />
  );
}

const isWide = (pixels: number) => window.matchMedia(`(min-width: ${pixels}px)`).matches;

/**
 * It stays as it was left from page to page of a kind; it begins open where the window is wide enough, and closed beside
 * what uses the window to its edges.
 */
const lastOpen = { usual: isWide(1100), roomy: isWide(1600), bare: false };

function useNavigationOpen(kind: keyof typeof lastOpen): [boolean, (open: boolean) => void] {
  const [open, setOpen] = useState(lastOpen);
  return [
    open[kind],
    (next) => {
      lastOpen[kind] = next;
      setOpen({ ...lastOpen });
    },
  ];
}
