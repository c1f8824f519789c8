import type { NavEntry, Role } from '@threefactor/shared'
import {
  Bike,
  CalendarCheck,
  ChefHat,
  Clock,
  Gauge,
  Hourglass,
  ReceiptText,
  ToggleRight,
  UtensilsCrossed,
} from 'lucide-react'

import { StuckLabel } from '../features/stuck/StuckLabel'
import { common } from '../texts/common'

/** Navigation of each role; a customer has none. */
export const NAV: Partial<Record<Role, NavEntry[]>> = {
  manager: [
    { href: '/', label: common.navOverview, icon: <Gauge size={18} /> },
    { href: '/orders', label: common.navOrders, icon: <ReceiptText size={18} /> },
    { href: '/work', label: common.navWork, icon: <ChefHat size={18} /> },
    { href: '/availability', label: common.navAvailability, icon: <ToggleRight size={18} /> },
    { href: '/stuck', label: <StuckLabel />, icon: <Hourglass size={18} /> },
  ],
  restaurant: [
    { href: '/', label: common.navOrders, icon: <ChefHat size={18} /> },
    { href: '/menu', label: common.navMenu, icon: <UtensilsCrossed size={18} /> },
    { href: '/hours', label: common.navHours, icon: <Clock size={18} /> },
  ],
  driver: [
    { href: '/', label: common.navDeliveries, icon: <Bike size={18} /> },
    { href: '/today', label: common.navToday, icon: <CalendarCheck size={18} /> },
  ],
}
