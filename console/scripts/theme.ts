import { generateThemeStylesheet } from '@cloudscape-design/components/theming';
import { FONT, MONO, theme } from '../src/app/theme';

/** Cloudscape's names for the typefaces are no names to rely on: what is ours has its own. */
export const rules = (): string => `${generateThemeStylesheet({ theme })}:root{--canter-font:${FONT};--canter-mono:${MONO}}`;
