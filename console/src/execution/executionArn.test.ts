import { describe, expect, it } from 'vitest';
import { differenceText } from './differenceText';
import { nameOfExecution, refusalOf } from './executionArn';

const ARN = 'arn:aws:states:eu-west-1:000000000000:execution:Orders:one';

describe('the ARN of an execution to compare with', () => {
  it('is refused where there is nothing to compare', () => {
    expect(refusalOf(ARN, 'eu-west-1')).toBeUndefined();
    expect(refusalOf(ARN.replace('Orders:', 'Orders/Label:'), 'eu-west-1')).toBeUndefined();
    expect(refusalOf(ARN, 'us-east-1')).toBe('other-region');
    expect(refusalOf(ARN.replace('execution', 'express') + ':id', 'eu-west-1')).toBe('express');
    expect(refusalOf('', 'eu-west-1')).toBe('none');
  });

  it.each(['x', 'arn:aws:states:eu-west-1:000000000000:stateMachine:Orders', 'arn:aws:s3:::bucket', 'arn:aws:states:eu-west-1:0:execution:Orders'])('is not %s', (text) => {
    expect(refusalOf(text, 'eu-west-1')).toBe('not-an-execution');
  });

  it('ends with its name', () => {
    expect(nameOfExecution(ARN)).toBe('one');
    expect(nameOfExecution('x')).toBe('x');
  });
});

describe('a difference of two durations', () => {
  it('has a sign', () => {
    expect([1.25, -3600, 0.0001].map(differenceText)).toEqual(['+00:00:01.250', '−01:00:00.000', '±0']);
  });
});
