import '@cloudscape-design/global-styles/index.css';
import 'virtual:theme.css';
import './app/app.css';
import { I18nProvider } from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { router } from './app/router';
import { startTheme } from './app/theme-mode';

startTheme();

const queries = new QueryClient({
  defaultOptions: {
    // The client itself sends reads again; see aws/client.ts.
    queries: { retry: false, networkMode: 'always', staleTime: 2000 },
    mutations: { retry: false, networkMode: 'always' },
  },
});

const app = document.getElementById('app');
if (app !== null) {
  createRoot(app).render(
    <StrictMode>
      <I18nProvider locale="en" messages={[messages]}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </I18nProvider>
    </StrictMode>,
  );
}
