import type { Theme } from '@cloudscape-design/components/theming';

const pair = (light: string, dark: string) => ({ light, dark });

const accent = pair('#0b6e63', '#4fd1bd');
const accentHover = pair('#084f47', '#86e3d4');
const accentFill = pair('#e6f4f1', '#0f2a27');

/** Not `system-ui`: on some systems that is half as wide again, and the graph's boxes are made for letters like these. */
export const FONT = "-apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif";
export const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';

/** Canter's colours and typefaces. The build turns them into style sheet rules (see vite.config.ts), so that none are made at run time. */
export const theme: Theme = {
  tokens: {
    fontFamilyBase: FONT,
    fontFamilyMonospace: MONO,
    colorTextAccent: accent,
    colorTextLinkDefault: accent,
    colorTextLinkHover: accentHover,
    colorBackgroundButtonPrimaryDefault: accent,
    colorBackgroundButtonPrimaryHover: accentHover,
    colorBackgroundButtonPrimaryActive: accentHover,
    colorBorderButtonNormalDefault: accent,
    colorBorderButtonNormalHover: accentHover,
    colorBorderButtonNormalActive: accentHover,
    colorTextButtonNormalDefault: accent,
    colorTextButtonNormalHover: accentHover,
    colorTextButtonNormalActive: accentHover,
    colorBackgroundButtonNormalHover: accentFill,
    colorBackgroundButtonNormalActive: accentFill,
    colorBackgroundControlChecked: accent,
    colorBackgroundToggleCheckedDisabled: accentFill,
    colorBackgroundItemSelected: accentFill,
    colorBackgroundDropdownItemSelected: accentFill,
    colorBorderItemSelected: accent,
    colorBorderItemFocused: accent,
    colorBorderInputFocused: accent,
    colorBorderDropdownItemFocused: accent,
    colorBackgroundSegmentActive: accent,
    colorBorderSegmentActive: accent,
    colorTextSegmentHover: accentHover,
    colorBackgroundLayoutToggleSelectedDefault: accent,
    colorBackgroundLayoutToggleSelectedHover: accentHover,
    colorBackgroundLayoutToggleSelectedActive: accentHover,
    colorBackgroundProgressBarValueDefault: accent,
    colorBackgroundSliderRangeDefault: accent,
    colorBackgroundSliderRangeActive: accentHover,
    colorBackgroundSliderHandleDefault: accent,
    colorBackgroundSliderHandleActive: accentHover,
  },
};
