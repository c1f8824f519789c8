/** Line of a comparison. */
export interface Line {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** Number of lines up to which two texts are compared; the time is proportional to the product of their differing parts. */
const MAX_LINES = 3000

/** Compares two texts by lines: a longest common subsequence of what differs. undefined if they are too long for that. */
export function diff(before: string, after: string): Line[] | undefined {
  const [old, now] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start++
  let end = 0
  while (
    end < old.length - start &&
    end < now.length - start &&
    old[old.length - 1 - end] === now[now.length - 1 - end]
  )
    end++
  const [a, b] = [old.slice(start, old.length - end), now.slice(start, now.length - end)]
  if (a.length > MAX_LINES || b.length > MAX_LINES) return undefined
  const same = (lines: string[]): Line[] => lines.map((text) => ({ kind: 'same', text }))
  return [...same(old.slice(0, start)), ...middle(a, b), ...same(old.slice(old.length - end))]
}

function middle(a: string[], b: string[]): Line[] {
  const width = b.length + 1
  // lengths[i * width + j]: longest common subsequence of a from i and b from j
  const lengths = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]]
    if (x !== undefined && x === y) {
      lines.push({ kind: 'same', text: x })
      i++
      j++
    } else if (x !== undefined && (y === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'removed', text: x })
      i++
    } else if (y !== undefined) {
      lines.push({ kind: 'added', text: y })
      j++
    }
  }
  return lines
}

/** Keeps the changed lines and some around them; `undefined` stands for lines that are left out. */
export function hunks(lines: Line[], context = 3): (Line | undefined)[] {
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ kind }) => kind !== 'same'),
  )
  const result: (Line | undefined)[] = []
  lines.forEach((line, index) => {
    if (shown[index]) result.push(line)
    else if (result.at(-1) !== undefined || result.length === 0) result.push(undefined)
  })
  return result
}
