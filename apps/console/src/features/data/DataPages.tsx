import { PageTitle } from '@threefactor/shared/ui'
import { Route, Switch } from 'wouter'

import { NotFoundPage } from '../../frame/NotFoundPage'
import classes from './DataPages.module.css'
import { FunctionsPage } from './functions/FunctionsPage'
import { SchemaPage } from './SchemaPage'
import { SqlPage } from './SqlPage'
import { TableList } from './TableList'
import { TablePage } from './TablePage'

/** Tables and views: what is tracked, rows, definitions, relationships, permissions, SQL. */
export default function DataPages() {
  return (
    <div className={classes.page}>
      <TableList />
      <div className={classes.content}>
        <Switch>
          <Route path="/data">
            <PageTitle title="Data" subtitle="Tracked tables and views are part of the GraphQL API." />
            <SchemaPage />
          </Route>
          <Route path="/data/sql" component={SqlPage} />
          <Route path="/data/functions" component={FunctionsPage} />
          <Route path="/data/:schema/:table/:tab?">
            {({ schema, table, tab }) => (
              <TablePage key={`${schema}/${table}`} schema={schema} name={table} tab={tab ?? 'rows'} />
            )}
          </Route>
          <Route component={NotFoundPage} />
        </Switch>
      </div>
    </div>
  )
}
