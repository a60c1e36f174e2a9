import { generateThemeStylesheet } from '@cloudscape-design/components/theming';
import { theme } from '../src/app/theme';

export const rules = (): string => generateThemeStylesheet({ theme });
