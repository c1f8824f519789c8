import { Route, Switch } from 'wouter'

import { SubNav } from '../../common/SubNav'
import { NotFoundPage } from '../../frame/NotFoundPage'
import { CronPage } from './CronPage'
import { OneOffPage } from './OneOffPage'
import { TriggerFormPage } from './TriggerFormPage'
import { TriggerPage } from './TriggerPage'
import { TriggersPage } from './TriggersPage'

const PARTS = [
  { href: '/events', label: 'Event triggers' },
  { href: '/events/cron', label: 'Cron triggers' },
  { href: '/events/one-off', label: 'One-off events' },
]

/** Event triggers with their events, cron triggers and one-off events. */
export default function EventPages() {
  return (
    <>
      <SubNav label="Kinds of events" entries={PARTS} />
      <Switch>
        <Route path="/events" component={TriggersPage} />
        <Route path="/events/new">
          <TriggerFormPage />
        </Route>
        <Route path="/events/cron" component={CronPage} />
        <Route path="/events/one-off" component={OneOffPage} />
        <Route path="/events/trigger/:name/edit">
          {({ name }) => <TriggerFormPage key={name} name={name} />}
        </Route>
        <Route path="/events/trigger/:name">{({ name }) => <TriggerPage key={name} name={name} />}</Route>
        <Route component={NotFoundPage} />
      </Switch>
    </>
  )
}
