import { plural } from '@threefactor/shared'

/** Texts of the page of a driver. */
export const driver = {
  loading: 'Loading your deliveries',
  noSuchDriver: 'This driver does not exist',
  hello: (name: string) => `Hello, ${name}`,
  onDuty: 'On duty',
  offDuty: {
    title: 'Go off duty?',
    confirm: 'Go off duty',
    text: 'Orders that you have not picked up go to other drivers. Those on the way stay yours.',
  },
  states: {
    off: 'Off duty: you get no new orders.',
    assigned: 'New orders are assigned to you.',
    offered: 'New orders are offered to you.',
  },

  // Position.
  position: 'Position',
  share: 'Share my position',
  shared:
    'Customers see where you are while you have their order. Touch the map, or choose the place that you have reached.',
  notShared: 'Your position is not updated.',
  notStored: 'The position was not stored',
  map: plural({ one: 'Map with # stop', other: 'Map with # stops' }),
  mapWithPosition: plural({
    one: 'Map with # stop and your position',
    other: 'Map with # stops and your position',
  }),
  places: 'Places that you have reached',
  at: (place: string) => `At ${place}`,
  updated: (time: string) => `Updated ${time}`,
}
