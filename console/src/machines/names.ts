/** Why the API would refuse a name of a state machine or an execution; none if it would not. */
export function nameProblem(name: string): string | undefined {
  if (name.length > 80) {
    return 'A name has at most 80 characters.';
  }
  const bad = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u.exec(name)?.[0];
  return bad === undefined ? undefined : `A name has no ${bad.trim() === '' ? 'white space or control characters' : bad}`;
}
