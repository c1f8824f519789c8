import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Panel, integerText } from '@threefactor/shared/ui'
import { useState } from 'react'

import { Loaded } from '../../../common/Loaded'
import table from '../../../common/table.module.css'
import { keyOf, type Definition, type Relation } from '../../../engine/catalog'
import { useEngine } from '../../../engine/context'
import { Filters } from './Filters'
import { Grid } from './Grid'
import { RowDialog } from './RowDialog'
import { PAGE, pageSql, type Filter, type Row, type Sort } from './rowSql'

/** Rows of a table: filtered, sorted, inserted, edited and deleted. */
export function RowsTab({ relation, definition }: { relation: Relation; definition: Definition }) {
  const engine = useEngine()
  const [filters, setFilters] = useState<Filter[]>([])
  const [sort, setSort] = useState<Sort>()
  const [edited, setEdited] = useState<Row | 'new'>()
  const columns = definition.columns.map(({ name }) => name)
  const key = keyOf(definition)
  const rows = useInfiniteQuery({
    queryKey: ['rows', relation.schema, relation.name, filters, sort ?? null],
    queryFn: ({ pageParam }) => engine.json<Row[]>(pageSql(relation, columns, filters, sort, key, pageParam)),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => (last.length < PAGE ? undefined : pages.length * PAGE),
  })
  const isWritable = relation.kind === 'table'
  return (
    <Panel
      title={
        relation.rows === null || filters.length > 0
          ? 'Rows'
          : `About ${integerText(relation.rows)} ${relation.rows === 1 ? 'row' : 'rows'}`
      }
      aside={
        <span className={table.actions}>
          <Button variant="default" loading={rows.isRefetching} onClick={() => void rows.refetch()}>
            Refresh
          </Button>
          {isWritable && <Button onClick={() => setEdited('new')}>Insert row</Button>}
        </span>
      }
    >
      <div className={table.stack}>
        <Filters columns={columns} filters={filters} onChange={setFilters} />
        <Loaded query={rows} label="Loading the rows">
          {({ pages }) => (
            <Grid
              columns={definition.columns}
              rows={pages.flat()}
              sort={sort}
              onSort={setSort}
              hasMore={rows.hasNextPage}
              isLoading={rows.isFetchingNextPage}
              onMore={() => void rows.fetchNextPage()}
              {...(isWritable && key.length > 0 && { onOpen: setEdited })}
            />
          )}
        </Loaded>
        {isWritable && key.length === 0 && (
          <p className={table.hint}>
            The table has no primary key, so that its rows can be edited with SQL only.
          </p>
        )}
      </div>
      {edited !== undefined && (
        <RowDialog
          relation={relation}
          definition={definition}
          row={edited === 'new' ? undefined : edited}
          onClose={() => setEdited(undefined)}
        />
      )}
    </Panel>
  )
}
