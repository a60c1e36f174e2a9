import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import { useRouter } from '@tanstack/react-router';
import { useAccount } from './account';
import { BASE } from './base';
import { at, href, useFollow } from './link';
import { REGIONS } from './region';
import { setRegion, signOut, useSession } from './session';
import { setThemeMode, type ThemeMode, useThemeMode } from './theme-mode';

const THEMES: readonly (readonly [ThemeMode, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

export function TopBar() {
  const follow = useFollow();
  const utilities = [useRegionPicker(), useThemePicker(), useAccountMenu()].filter((utility) => utility !== undefined);
  return (
    <div id="top">
      <TopNavigation
        identity={{
          title: 'Canter',
          href: href(at('state-machines')),
          logo: { src: `${BASE}favicon.svg`, alt: '' },
          onFollow: follow,
        }}
        utilities={utilities}
        i18nStrings={{ overflowMenuTriggerText: 'More', overflowMenuTitleText: 'All' }}
      />
    </div>
  );
}

function useRegionPicker(): TopNavigationProps.Utility {
  const { region } = useSession();
  const router = useRouter();
  return {
    type: 'menu-dropdown',
    text: region,
    ariaLabel: `Region: ${region}`,
    title: 'Region',
    items: REGIONS.map(([id, name]) => ({
      id,
      text: name,
      labelTag: id,
      ...(id === region ? { iconName: 'check' as const } : {}),
    })),
    onItemClick: ({ detail }) => {
      setRegion(detail.id);
      // What the page shows belongs to the other region: to the first list of its kind.
      const [area = ''] = router.state.location.pathname.replace(/^\//, '').split('/');
      router.history.push(href(at(area === 'executions' ? 'state-machines' : area)));
    },
  };
}

function useThemePicker(): TopNavigationProps.Utility {
  const mode = useThemeMode();
  return {
    type: 'menu-dropdown',
    iconName: 'settings',
    ariaLabel: 'Appearance',
    title: 'Appearance',
    items: THEMES.map(([id, text]) => ({ id, text, ...(id === mode ? { iconName: 'check' as const } : {}) })),
    onItemClick: ({ detail }) => setThemeMode(detail.id as ThemeMode),
  };
}

function useAccountMenu(): TopNavigationProps.Utility | undefined {
  const { credentials } = useSession();
  const identity = useAccount();
  if (credentials === undefined) {
    return undefined;
  }
  return {
    type: 'menu-dropdown',
    iconName: 'user-profile',
    text: identity?.account ?? credentials.accessKeyId,
    title: 'Account',
    description: identity?.arn ?? `Access key ${credentials.accessKeyId}`,
    items: [{ id: 'sign-out', text: 'Sign out' }],
    onItemClick: signOut,
  };
}
