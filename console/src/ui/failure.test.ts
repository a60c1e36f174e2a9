import { expect, it } from 'vitest';
import { failureOf } from './failure';

const lambda = (more: object) => JSON.stringify({ errorType: 'Refused', errorMessage: 'No face.', ...more });

it('tells what a Lambda function raised', () => {
  expect(failureOf('Refused', lambda({}))).toEqual({ name: 'Refused', message: 'No face.' });
  expect(failureOf(undefined, lambda({}))).toEqual({ name: 'Refused', message: 'No face.' });
  expect(failureOf('States.TaskFailed', lambda({}))).toEqual({ name: 'States.TaskFailed', message: 'Refused: No face.' });
});

it.each([
  ['Python', { stackTrace: ['  File "a.py", line 1\n', '  File "b.py", line 2\n'] }, '  File "a.py", line 1\n  File "b.py", line 2'],
  ['Node.js', { trace: ['Refused: No face.', '    at handler (a.mjs:1:7)'] }, 'Refused: No face.\n    at handler (a.mjs:1:7)'],
  ['Java', { stackTrace: 'at Handler.run' }, 'at Handler.run'],
  ['nobody', { stackTrace: [] }, undefined],
])('reads the stack trace of %s', (_, more, trace) => {
  expect(failureOf('Refused', lambda(more)).trace).toBe(trace);
});

it('looks into what a nested execution failed with', () => {
  const cause = JSON.stringify({ Status: 'FAILED', Error: 'Refused', Cause: lambda({ trace: ['at a'] }) });
  expect(failureOf('States.TaskFailed', cause)).toEqual({ name: 'States.TaskFailed', message: 'Refused: No face.', trace: 'at a' });
});

it('leaves other causes to the reader', () => {
  expect(failureOf('E', 'It broke: {')).toEqual({ name: 'E', message: 'It broke: {' });
  expect(failureOf('E', '{"StoppedReason":"OOM"}')).toEqual({ name: 'E', message: '' });
  expect(failureOf('E', undefined)).toEqual({ name: 'E', message: '' });
});
