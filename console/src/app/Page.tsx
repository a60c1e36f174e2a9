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
  readonly children: ReactNode;
}

/** The frame around every page: navigation, breadcrumbs, notifications, title. */
export function Page({ title, crumbs = [], bare = false, children, ...layout }: Props) {
  const [open, setOpen] = useNavigationOpen(bare);
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
      {...(bare ? { maxContentWidth: Number.MAX_VALUE } : {})}
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

/**
 * It stays as it was left from page to page: open where there is room as on a tablet or more, and closed beside what uses
 * the window to its edges.
 */
const lastOpen = { page: window.matchMedia('(min-width: 1100px)').matches, bare: false };

function useNavigationOpen(bare: boolean): [boolean, (open: boolean) => void] {
  const kind = bare ? 'bare' : 'page';
  const [open, setOpen] = useState(lastOpen);
  return [
    open[kind],
    (next) => {
      lastOpen[kind] = next;
      setOpen({ ...lastOpen });
    },
  ];
}
