import { expect, test } from 'vitest'

import { csv } from './csv'

test('cells of CSV are quoted, and formulas are texts', () => {
  expect(
    csv(
      ['address', 'total'],
      [
        ['5 Harbour "View", 2', -5],
        ['=1+1', null],
      ],
    ),
  ).toBe('address,total\r\n"5 Harbour ""View"", 2",-5\r\n\'=1+1,\r\n')
})
