import { TextInput } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, useState } from 'react'
import { Link, useLocation } from 'wouter'

import { counted } from '../../common/counted'
import { Loaded } from '../../common/Loaded'
import type { Relation } from '../../engine/catalog'
import { useMetadata } from '../../engine/context'
import { entriesOf } from '../../engine/metadata'
import { displayName } from '../../engine/sql'
import { useRelations } from '../../engine/useCatalog'
import classes from './DataPages.module.css'
import { tablePath } from './paths'

/** Height of an entry in pixels at the default text size. */
const ENTRY = 44

const PAGES = [
  { href: '/data', label: 'Overview' },
  { href: '/data/functions', label: 'Functions' },
  { href: '/data/sql', label: 'SQL' },
]

/** List of all tables and views with a filter; only the visible entries are rendered. */
export function TableList() {
  const relations = useRelations()
  const [path] = useLocation()
  return (
    <aside className={classes.list} aria-label="Tables and views">
      <nav aria-label="Parts of the data" className={classes.links}>
        {PAGES.map(({ href, label }) => (
          <Link
            key={href}
            href={href}
            className={classes.link}
            aria-current={path === href ? 'page' : undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
      <Loaded query={relations} label="Loading the tables">
        {(relations) => <Names relations={relations} />}
      </Loaded>
    </aside>
  )
}

function Names({ relations }: { relations: Relation[] }) {
  const [path] = useLocation()
  const [filter, setFilter] = useState('')
  const tracked = useTracked()
  const scroll = useRef<HTMLDivElement>(null)
  const shown = useMemo(() => {
    const text = filter.trim().toLowerCase()
    return relations.filter((relation) => displayName(relation).toLowerCase().includes(text))
  }, [relations, filter])
  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler of React is not used
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ENTRY,
    overscan: 10,
  })
  return (
    <>
      <TextInput
        type="search"
        label={counted(relations.length, 'table or view', 'tables and views')}
        placeholder="Filter by name"
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <div ref={scroll} className={classes.names} tabIndex={0} role="group" aria-label="Names">
        <ul className={classes.inner} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, key, start }) => {
            const relation = shown[index]
            if (!relation) return null
            const href = tablePath(relation)
            const isCurrent = path === href || path.startsWith(`${href}/`)
            return (
              <li key={key} className={classes.item} style={{ transform: `translateY(${start}px)` }}>
                <Link href={href} className={classes.name} aria-current={isCurrent ? 'page' : undefined}>
                  <span>{displayName(relation)}</span>
                  <span className={classes.tag}>
                    {tracked.has(displayName(relation))
                      ? relation.kind === 'table'
                        ? ''
                        : relation.kind
                      : 'not tracked'}
                  </span>
                </Link>
              </li>
            )
          })}
        </ul>
      </div>
    </>
  )
}

/** Names of the tracked tables and views. */
function useTracked(): Set<string> {
  const { data } = useMetadata()
  return useMemo(
    () => new Set(data && entriesOf(data.metadata).map(({ table }) => displayName(table))),
    [data],
  )
}
