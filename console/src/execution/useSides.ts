import { useState } from 'react';
import { type Side, useSide } from './useSide';

type Two<Value> = readonly [Value, Value];

/** Both executions that are compared. Whoever swaps them finds both as they are: neither is read again. */
export function useSides(a: string, b: string): Two<Side> {
  const [places, setPlaces] = useState<Two<string>>([a, b]);
  const [first, second] = placesFor(places, a, b);
  if (first !== places[0] || second !== places[1]) setPlaces([first, second]);
  const [one, other] = [useSide(first), useSide(second)];
  return first === a ? [one, other] : [other, one];
}

/** Two in an order in which those that have a place keep it. */
export function placesFor([first, second]: Two<string>, a: string, b: string): Two<string> {
  const keepsNone = first !== a && second !== b;
  return keepsNone && (first === b || second === a) ? [b, a] : [a, b];
}
