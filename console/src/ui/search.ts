/** The one of these that an address names; the first where it names none of them. */
export function chosenOf<const Id extends string>(all: readonly [{ readonly id: Id }, ...{ readonly id: Id }[]], id: string | undefined): Id {
  return (all.find((one) => one.id === id) ?? all[0]).id;
}

/** Reads the named filters of an address; each is text or absent. */
export function texts<const Name extends string>(
  ...names: Name[]
): (search: Record<string, unknown>) => { [name in Name]?: string } {
  return (search) => {
    const found = names.flatMap((name) => {
      const value = search[name];
      return typeof value === 'string' && value !== '' ? [[name, value] as const] : [];
    });
    return Object.fromEntries(found) as { [name in Name]?: string };
  };
}
