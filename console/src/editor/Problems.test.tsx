// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { jsonCodec } from './codec';
import type { Finding } from './findings';
import { Problems } from './Problems';
import type { Findings } from './useFindings';

const error: Finding = { severity: 'ERROR', code: 'MISSING_TRANSITION_TARGET', message: "Missing 'Next' target: Nope", location: '/States/P/Branches[0]/States/A/Next', keys: ['States', 'P'], state: 'P/0/A' };
const warning: Finding = { severity: 'WARNING', code: 'NO_PATH', message: 'A path is meant', location: '', keys: [], state: undefined };

let host: HTMLElement;
let root: ReturnType<typeof createRoot>;
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
});
afterEach(() => {
  act(() => root.unmount());
  host.remove();
  vi.unstubAllGlobals();
});

const show = (findings: Findings, text = findings.text, onChoose: (finding: Finding) => void = () => undefined) =>
  act(() => root.render(<Problems findings={findings} text={text} codec={jsonCodec} onChoose={onChoose} />));
const count = () => host.querySelector<HTMLElement>('[aria-expanded]') ?? host;
const rows = () => [...host.querySelectorAll<HTMLElement>('li button')];

test('the count opens a list of what is said, each with its state and place, and leads there', () => {
  const chosen: Finding[] = [];
  const text = '{\n  "States": {\n    "P": {}\n  }\n}';
  show({ text, list: [error, warning] }, text, (finding) => chosen.push(finding));
  expect(count().textContent).toContain('1 error, 1 warning');
  expect(rows()).toEqual([]);
  act(() => count().click());
  expect(rows().map((row) => row.textContent)).toEqual([
    "ErrorLine 3AMissing 'Next' target: Nope MISSING_TRANSITION_TARGET at /States/P/Branches[0]/States/A/Next",
    'WarningLine 1WorkflowA path is meant NO_PATH',
  ]);
  act(() => rows()[0]?.click());
  expect(chosen).toEqual([error]);
});

test('while the text is being typed the list stays; Escape closes it', () => {
  const findings = { text: 'x', list: [error], isCut: true };
  show(findings);
  act(() => count().click());
  show(findings, 'xy');
  expect(count().textContent).toContain('Checking');
  expect(rows()).toHaveLength(1);
  expect(host.textContent).toContain('These are the first 1; there are more.');
  act(() => { rows()[0]?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })); });
  expect(rows()).toEqual([]);
  expect(document.activeElement).toBe(count());
});
