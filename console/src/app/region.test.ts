import { describe, expect, it } from 'vitest';
import { regionOf } from './region';

describe('the region of an address', () => {
  it.each([
    ['/state-machines', '?region=eu-west-1', 'eu-west-1'],
    ['/state-machines/arn:aws:states:ap-south-1:000000000000:stateMachine:a', '?region=eu-west-1', 'ap-south-1'],
    ['/state-machines/arn%3Aaws%3Astates%3Aap-south-1%3A000000000000%3AstateMachine%3Aa', '', 'ap-south-1'],
    ['/state-machines', '', undefined],
    ['/state-machines', '?region=%3Cscript%3E', undefined],
    ['/%', '', undefined],
  ])('%s%s is about %s', (pathname, search, expected) => {
    expect(regionOf(pathname, search)).toBe(expected);
  });
});
