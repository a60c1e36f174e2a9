// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';
import { EditingContext, type FormPlace } from './context';
import type { Finding } from './findings';
import { FieldForm } from './forms';

afterEach(() => vi.unstubAllGlobals());

test('what the server says of a field stands at the field, and at no other', () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const place: FormPlace = { keys: [], object: { TimeoutSeconds: 'abc' }, language: 'JSONPath', states: [] };
  const told: Finding[] = [{ severity: 'ERROR', code: 'X', message: 'Expected value of type Integer', location: '/TimeoutSeconds', keys: ['TimeoutSeconds'], state: undefined }];
  const editing = { definition: place.object, change: () => undefined, unused: { list: [], put: () => undefined, drop: () => undefined }, told, wanted: undefined };
  const shown = (name: string) => {
    const host = document.createElement('div');
    act(() => createRoot(host).render(<EditingContext value={editing}><FieldForm place={place} field={{ name, kind: 'number', tab: 'configuration', help: '' }} /></EditingContext>));
    return host.textContent;
  };
  expect(shown('TimeoutSeconds')).toContain('Expected value of type Integer');
  expect(shown('Other')).not.toContain('Expected value');
});
