import { expect, test } from 'vitest';
import { AwsError } from '../aws/errors';
import { refusedIn } from './refusal';

const refusal = (message: string, code = 'InvalidDefinition') => new AwsError(code, message, 400, 'id', 'CreateStateMachine');

test('a refused definition is told problem by problem, in the words that came', () => {
  const said = "These fields are required: [Resource] at /States/A, SCHEMA_VALIDATION_FAILED: The field 'Type' should have one of these values: [Task, Wait] at /States/E / x[1]/Branches[0]/States/R/Type";
  expect(refusedIn(refusal(`Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ${said}'`))).toEqual({
    before: 'Invalid State Machine Definition:',
    problems: [
      { said: 'SCHEMA_VALIDATION_FAILED: These fields are required: [Resource]', location: '/States/A' },
      { said: "SCHEMA_VALIDATION_FAILED: The field 'Type' should have one of these values: [Task, Wait]", location: '/States/E / x[1]/Branches[0]/States/R/Type' },
    ],
  });
});

test('a name that looks like a place is none', () => {
  const message = `Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: State "Look at /x" is not reachable. at /States/Look at /x'`;
  expect(refusedIn(refusal(message))?.problems).toEqual([{ said: 'MISSING_TRANSITION_TARGET: State "Look at /x" is not reachable.', location: '/States/Look at /x' }]);
});

test('a text that is no JSON has no place in a definition', () => {
  const message = "Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: unexpected end of input at line 2 column 1'";
  expect(refusedIn(refusal(message))?.problems).toEqual([{ said: 'INVALID_JSON_DESCRIPTION: unexpected end of input at line 2 column 1', location: '' }]);
});

test('another refusal, or other words, are left as they are', () => {
  expect(refusedIn(refusal("Invalid Name: 'a b'", 'InvalidName'))).toBeUndefined();
  expect(refusedIn(refusal('No.'))).toBeUndefined();
  expect(refusedIn(new Error('No.'))).toBeUndefined();
});
