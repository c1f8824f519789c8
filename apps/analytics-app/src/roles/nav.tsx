import type { NavEntry, Role } from '@threefactor/shared'
import { ChefHat, Gauge, Hourglass, ReceiptText, ToggleRight, UtensilsCrossed } from 'lucide-react'

import { StuckLabel } from '../features/stuck/StuckLabel'

/** Navigation of each role; the others have one page. */
export const NAV: Partial<Record<Role, NavEntry[]>> = {
  manager: [
    { href: '/', label: 'Overview', icon: <Gauge size={18} /> },
    { href: '/orders', label: 'Orders', icon: <ReceiptText size={18} /> },
    { href: '/work', label: 'Work', icon: <ChefHat size={18} /> },
    { href: '/availability', label: 'Availability', icon: <ToggleRight size={18} /> },
    { href: '/stuck', label: <StuckLabel />, icon: <Hourglass size={18} /> },
  ],
  restaurant: [
    { href: '/', label: 'Orders', icon: <ChefHat size={18} /> },
    { href: '/menu', label: 'Menu', icon: <UtensilsCrossed size={18} /> },
  ],
}
