const MOST = 1000;

/** `make`, with its results kept for texts that come again and again; all are forgotten when there are too many. */
export function remembered(make: (value: string) => string): (value: string) => string {
  const known = new Map<string, string>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const made = make(value);
    if (known.size >= MOST) known.clear();
    known.set(value, made);
    return made;
  };
}
